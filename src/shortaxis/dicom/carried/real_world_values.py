"""Units of PET counts, as a Real World Value Mapping (PS3.3 C.7.6.1, C.7.6.16.2.11)."""

from __future__ import annotations

from pydicom import Dataset

from shortaxis.dicom.elements.attributes import text_of, texts_of
from shortaxis.dicom.elements.code_items import code_item
from shortaxis.dicom.elements.stored_counts import StoredCounts

__all__ = ["SUV_UNITS", "UNITS", "add_real_world_values", "unit_of"]

UNITS = {
    "CNTS": ("{counts}", "Counts"),
    "CPS": ("{counts}/s", "Counts per second"),
    "PROPCNTS": ("{propcounts}", "Proportional to counts"),
    "PROPCPS": ("{propcounts}/s", "Proportional to counts per second"),
    "BQML": ("Bq/ml", "Becquerels/milliliter"),
    "MGMINML": ("mg/min/ml", "Milligrams/minute/milliliter"),
    "UMOLMINML": ("umol/min/ml", "Micromole/minute/milliliter"),
    "UMOLML": ("umol/ml", "Micromole/milliliter"),
    "MLMING": ("ml/min/g", "Milliliter/minute/gram"),
    "MLG": ("ml/g", "Milliliter/gram"),
    "1CM": ("/cm", "/Centimeter"),
    "CM2": ("cm2", "Centimeter**2"),
    "PCNT": ("%", "Percent"),
}
"""Units (0054,1001) of C.8.9.1.1.3 as UCUM code and meaning of CID 84."""

SUV_UNITS = {
    "": ("g/ml{SUVbw}", "Standardized Uptake Value body weight"),
    "BW": ("g/ml{SUVbw}", "Standardized Uptake Value body weight"),
    "BSA": ("cm2/ml{SUVbsa}", "Standardized Uptake Value body surface area"),
    "IBW": ("g/ml{SUVibw}", "Standardized Uptake Value ideal body weight"),
    "LBM": ("g/ml{SUVlbm}", "Standardized Uptake Value lean body mass (James)"),
    "LBMJAMES128": (
        "g/ml{SUVlbm(James128)}",
        "Standardized Uptake Value lean body mass (James 128 multiplier)",
    ),
    "LBMJANMA": ("g/ml{SUVlbm(Janma)}", "Standardized Uptake Value lean body mass (Janma)"),
}
"""Units GML and CM2ML by SUV Type (0054,1006); without one it is body weight."""

ADDITIVE = ("CNTS", "PROPCNTS")
"""Units that a sum over time slots keeps; a sum of concentrations is none."""


def unit_of(dataset: Dataset) -> tuple[str, str] | None:
    """UCUM code and meaning of PET counts, None where unknown."""
    units = text_of(dataset, "Units").upper()
    if units in ("GML", "CM2ML"):
        return SUV_UNITS.get(text_of(dataset, "SUVType").upper())
    return UNITS.get(units)


def add_real_world_values(
    dataset: Dataset, source: Dataset, stored: StoredCounts, *, is_gated: bool
) -> None:
    """Say in which unit the stored values are, where the source says it and it still holds."""
    unit = unit_of(source)
    if unit is None or (_is_summed(source, is_gated) and _is_no_sum(source)):
        return
    mapping = Dataset()
    vr = "SS" if stored.is_signed else "US"
    mapping.add_new("RealWorldValueFirstValueMapped", vr, int(stored.stored.min()))
    mapping.add_new("RealWorldValueLastValueMapped", vr, int(stored.stored.max()))
    mapping.RealWorldValueSlope, mapping.RealWorldValueIntercept = float(stored.slope), 0.0
    mapping.LUTExplanation, mapping.LUTLabel = unit[1], text_of(source, "Units").upper()
    mapping.MeasurementUnitsCodeSequence = [code_item(unit[0], "UCUM", unit[1])]
    dataset.RealWorldValueMappingSequence = [mapping]


def _is_summed(source: Dataset, is_gated: bool) -> bool:
    has_intervals = text_of(source, "NumberOfRRIntervals") not in ("", "1")
    was_gated = texts_of(source, "SeriesType")[:1] == ["GATED"]
    return was_gated and (has_intervals or not is_gated)


def _is_no_sum(source: Dataset) -> bool:
    return text_of(source, "Units").upper() not in ADDITIVE
