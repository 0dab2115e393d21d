"""What a node logs: to the standard error, and nothing that peers sent."""

from __future__ import annotations

__all__ = ["log_to_stderr"]


def log_to_stderr(level: str) -> None:
    """Log from a level on; libraries, which quote what peers send, say nothing.

    Raises
    ------
    OptionError
        For another word than the names of levels.
    """
    import logging
    import threading
    import warnings

    from shortaxis.errors import OptionError

    levels = ("debug", "info", "warning", "error")
    if level not in levels:
        raise OptionError("unknown level", expected=" or ".join(levels), found=level)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    logging.getLogger("shortaxis").setLevel(level.upper())
    # It would log AE titles and addresses, and quote what peers send.
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)
    # A traceback of a thread may quote what a peer sent.
    threading.excepthook = lambda raised: logging.getLogger("shortaxis").error(
        "a thread ended: %s", raised.exc_type.__name__
    )
    # These quote values of headers that they do not like.
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
