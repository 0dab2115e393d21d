"""What is loaded with pydicom, and that decoders come back where pixels need them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from shortaxis.dicom.lean_pydicom import DECODER_LIBRARIES

SCRIPT = """
import json, sys
import shortaxis.dicom
loaded = [name for name in {names} if name in sys.modules]
import pydicom.data.download as download
client = [download.urllib.request.urlopen.__module__, "http.client" in sys.modules]
import urllib.request
client.append(urllib.request is sys.modules["urllib.request"])
from pydicom.pixels.decoders.base import get_decoder
from shortaxis.dicom.elements.transfer_syntaxes import ENCAPSULATED, readable_syntaxes
readable_syntaxes()
lean = [list(get_decoder(each).available_plugins) for each in ENCAPSULATED]
print(json.dumps([loaded, lean, client]))
"""

PLAIN = """
import json
from pydicom.pixels.decoders.base import get_decoder
from shortaxis.dicom.elements.transfer_syntaxes import ENCAPSULATED
print(json.dumps([list(get_decoder(each).available_plugins) for each in ENCAPSULATED]))
"""


def told_by(script: str) -> list:
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_decoders_are_loaded_where_they_are_needed_and_tried_in_the_same_order() -> None:
    pytest.importorskip("gdcm")
    names = [*DECODER_LIBRARIES.values(), "requests", "http.client", "ssl"]

    loaded, lean, client = told_by(SCRIPT.format(names=names))

    assert loaded == []
    assert lean == told_by("import pydicom\n" + PLAIN)
    assert any("gdcm" in each for each in lean)
    # Python's client comes when something of it is asked for, and is the same for all.
    assert client == ["urllib.request", True, True]


PRIVATE = """
import json, sys
import shortaxis.dicom
from pydicom import datadict
before = "pydicom._private_dict" in sys.modules
words = datadict.private_dictionary_description(0x00091001, "GEMS_IDEN_01")
told = [before, words, "no one" in datadict.private_dictionaries]
datadict.add_private_dict_entry("own", 0x00091001, "LO", "mine")
import pydicom._private_dict as loaded
print(json.dumps([*told, loaded.private_dictionaries["own"]["0009xx01"][2],
                  datadict.private_dictionary_VR(0x00091001, "own")]))
"""


def test_elements_of_makers_are_known_where_they_are_asked_for() -> None:
    told = told_by(PRIVATE)

    assert told == [False, "Full fidelity", False, "mine", "LO"]


INTERRUPTED = """
import sys

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise {ending}

sys.meta_path.insert(0, Interrupts())
try:
    import shortaxis.dicom
except {kind} as ending:
    sys.exit(87)
"""


@pytest.mark.parametrize("module", ["pydicom.values", "pydicom.filereader", "pydicom.uid"])
@pytest.mark.parametrize(
    ("ending", "kind"),
    [("SystemExit(143)", "SystemExit"), ("KeyboardInterrupt", "KeyboardInterrupt")],
)
def test_who_is_told_to_end_while_it_is_loaded_ends_and_says_nothing(
    module: str, ending: str, kind: str
) -> None:
    script = INTERRUPTED.format(module=module, ending=ending, kind=kind)

    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert run.stderr == ""
    assert run.returncode == 87
