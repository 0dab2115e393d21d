"""Words of many languages and consoles for reoriented series, and names that only resemble them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.dataelem import RawDataElement

from nm_object import build_nm, save_object
from shortaxis.dicom.carried.stated.declared_view import declared_view
from shortaxis.dicom.carried.stated.view_vocabulary import (
    CARDIAC_VIEW_PARTS,
    CARDIAC_VIEW_PHRASES,
    CARDIAC_VIEW_WORDS,
)
from shortaxis.dicom.elements.wording import words_in
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.errors import AlreadyReorientedError
from shortaxis.spect.volume import SpectVolume

AFFINE = np.array([(0, 0, 6.4, -70), (0, 6.4, 0, -80), (6.4, 0, 0, 30), (0, 0, 0, 1.0)])

SHORT_AXIS_NAMES = [
    "SAX", "S-AXIS", "S AXIS", "S_AX", "SAAC", "SANAC", "SA_AC", "Stress SAAC", "SAXNAC", "SAIRAC",
    "IRNCSA", "NACSA", "KURZACHSE", "Kurze Achse", "Kurzachsenschnitte Belastung", "EJE CORTO",
    "Esfuerzo eje corto", "PETIT AXE", "Petit-axe repos", "axe court", "asse corto", "ASSE BREVE",
    "eixo curto", "korte as", "kort axel", "KORTAXEL", "kort akse", "oś krótka", "osi krótkiej",
    "krátká osa", "rövid tengely", "lyhyt akseli", "kısa aks", "KISA AKS", "axul scurt", "eix curt",
    "βραχύς άξονας", "короткая ось", "коротка вісь", "ציר קצר",
    "短軸", "負荷短軸像", "安静時　短軸", "短轴", "静息短轴位", "단축면",
]  # fmt: skip

LONG_AXIS_NAMES = [
    "VLAAC", "HLANAC", "LAXAC", "NACHLA", "Langachse", "Lange Achse", "eje largo", "grand axe",
    "asse lungo", "eixo longo", "lange as", "lång axel", "lang akse", "oś długa", "dlouhá osa",
    "hosszú tengely", "uzun aks", "длинная ось", "довга вісь", "μακρύς άξονας",
    "垂直長軸", "水平長軸像", "水平长轴", "장축면",
]  # fmt: skip

NO_VIEWS = [
    "STRESS PETIT", "Hopital Petit Clamart", "Dr Long", "LONG BEACH TRANSAXIAL", "Kurz", "Dr. Kurz",
    "CORTO TIEMPO", "Hospital Corto Maltes", "Axel Kortmann", "AXIS IMAGING REST", "Isaac",
    "ISAAC NEWTON STRESS", "Saacke", "SANCHEZ", "SAXON", "ASSE", "Asseburg",
    "LANGE", "Klinikum Lange", "GRAND RAPIDS", "Grand", "Axe", "Oslo", "Court", "Eje cafetero",
    "短時間収集", "長野病院 横断", "軸位", "단축", "Curto", "Os", "Osa", "SALAMANCA",
]  # fmt: skip


def named(description: str, **attributes: str) -> Dataset:
    header = Dataset()
    header.SpecificCharacterSet = "ISO_IR 192"
    header.SeriesDescription = description
    for keyword, value in attributes.items():
        setattr(header, keyword, value)
    return header


def view_of(header: Dataset) -> str | None:
    declared = declared_view(header)
    return None if declared is None else declared.view


@pytest.mark.parametrize("name", SHORT_AXIS_NAMES)
def test_names_of_short_axis_series_are_known(name: str):
    assert view_of(named(name)) == "short axis"


@pytest.mark.parametrize("name", LONG_AXIS_NAMES)
def test_names_of_long_axis_series_are_known(name: str):
    assert view_of(named(name)) == "long axis"


@pytest.mark.parametrize("name", NO_VIEWS)
def test_names_of_people_places_and_protocols_are_no_views(name: str):
    assert declared_view(named(name)) is None


@pytest.mark.parametrize(
    ("description", "attributes"),
    [
        ("STRESS Clinica del Sol SA", {"InstitutionName": "Clinica del Sol SA"}),
        ("MIBI STRESS HOSPITAL ALEMAN SA", {"InstitutionName": "Hospital Alemán SA"}),
        ("Rest for Peter Lax", {"PatientName": "Lax^Peter"}),
        ("Dr. Maria Sá stress", {"ReferringPhysicianName": "Sa^Maria"}),
        ("Adolphe Sax rest", {"OperatorsName": "Sax^Adolphe"}),
        ("Long Axel stress", {"PatientName": "Long^Axel"}),
    ],
)
def test_names_that_the_header_tells_are_no_views(description: str, attributes: dict[str, str]):
    assert declared_view(named(description, **attributes)) is None


@pytest.mark.parametrize(
    "attributes",
    [
        {"InstitutionName": "SA"},
        {"PatientName": "Sa"},
        {"PatientName": "Sa^Maria"},
        {"InstitutionName": "Clinica del Sol SA"},
    ],
)
def test_a_name_of_which_only_a_part_is_there_hides_no_view(attributes: dict[str, str]):
    assert view_of(named("STRESS SA", **attributes)) == "short axis"


def test_every_word_of_the_tables_is_as_texts_are_split():
    for word in CARDIAC_VIEW_WORDS:
        assert words_in(word) == [word]
    for first, second in CARDIAC_VIEW_PHRASES:
        assert words_in(f"{first} {second}") == [first, second]
    for part, view in CARDIAC_VIEW_PARTS.items():
        assert view_of(named(f"x{part}y")) == view


@pytest.mark.parametrize("name", ["短軸", "EJE CORTO", "SAAC"])
def test_a_series_of_such_a_name_is_refused(tmp_path: Path, name: str):
    counts = np.random.default_rng(1).integers(0, 300, (12, 20, 22))
    written = build_nm(SpectVolume(counts, AFFINE), series_description=name)
    written.SpecificCharacterSet = "ISO_IR 192"

    with pytest.raises(AlreadyReorientedError, match="short axis") as refused:
        scan_dicom(save_object(written, tmp_path / "reoriented.dcm"))
    assert "--force-input" in str(refused.value)


def test_bytes_of_names_stay_undecoded(tmp_path: Path):
    counts = np.random.default_rng(1).integers(0, 300, (12, 20, 22))
    path = save_object(build_nm(SpectVolume(counts, AFFINE)), tmp_path / "object.dcm")
    header = dcmread(path)
    header.SeriesDescription = "STRESS SA"

    assert view_of(header) == "short axis"
    assert isinstance(header.get_item("PatientName"), RawDataElement)
