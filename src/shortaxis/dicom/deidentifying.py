"""De-identify a DICOM file in place: PS3.15 Annex E, Basic Application Confidentiality Profile.

What is done to which attribute is the table of the standard, as ``dicom-anonymizer`` has it. UIDs
are replaced everywhere, in nested items too, by a function that is given.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydicom import Dataset, dcmread, dcmwrite
from pydicom.dataelem import DataElement
from pydicom.uid import UID

from shortaxis.dicom.part10 import quiet_pydicom

__all__ = ["deidentify_file"]

STANDARD_ROOT = "1.2.840.10008."
"""UIDs of the standard itself name no instance (PS3.5 9)."""

METHOD = "PS3.15 Basic Application Confidentiality Profile"

PROFILE_CODE = ("113100", "DCM", "Basic Application Confidentiality Profile")
"""CID 7050."""


def deidentify_file(path: Path, replaced: Callable[[str], str]) -> None:
    """Rewrite a file without what identifies a patient.

    Parameters
    ----------
    path : Path
        A DICOM file.
    replaced : callable
        Gives the UID that takes the place of another one.
    """
    from dicomanonymizer import simpledicomanonymizer as rules

    uid_actions = (rules.replace_UID, rules.delete_or_empty_or_replace_UID)
    kept = {
        tag: rules.keep for tag, action in rules.initialize_actions().items()
        if action in uid_actions
    }  # fmt: skip
    with quiet_pydicom():
        dataset = dcmread(path)

        def replace_uid(_: Dataset, element: DataElement) -> None:
            if element.VR == "UI" and element.value:
                element.value = _replaced_value(element.value, replaced)

        dataset.walk(replace_uid)
        rules.anonymize_dataset(dataset, kept)
        dataset.PatientIdentityRemoved = "YES"
        dataset.DeidentificationMethod = METHOD
        dataset.DeidentificationMethodCodeSequence = [_code()]
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dcmwrite(path, dataset, enforce_file_format=True)


def _replaced_value(value: object, replaced: Callable[[str], str]) -> object:
    if isinstance(value, str):
        is_standard = value.startswith(STANDARD_ROOT)
        return value if is_standard else UID(replaced(value))
    return [_replaced_value(each, replaced) for each in value]  # type: ignore[attr-defined]


def _code() -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = PROFILE_CODE
    return code
