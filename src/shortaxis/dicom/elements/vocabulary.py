"""What the standard enumerates and what people write, as tables."""

from __future__ import annotations

from pydicom.uid import (
    EnhancedPETImageStorage,
    NuclearMedicineImageStorage,
    PositronEmissionTomographyImageStorage,
)

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.spect.lying import PRONE, SUPINE, UPRIGHT

NM_STORAGE = str(NuclearMedicineImageStorage)
PET_STORAGE = str(PositronEmissionTomographyImageStorage)
DICOMDIR_STORAGE = "1.2.840.10008.1.3.10"

REFUSED_STORAGES = {
    str(EnhancedPETImageStorage): "is not supported; export the series as PET Image Storage",
    "1.2.840.10008.5.1.4.1.1.128.1": "is not supported; export the series as PET Image Storage",
    "1.2.840.10008.5.1.4.1.1.5": "is the nuclear medicine class of before 1994 and not supported; "
    "convert it to Nuclear Medicine Image Storage",
    DICOMDIR_STORAGE: "is an index of other files",
}
"""SOP classes refused for another reason than that they hold no nuclear tomography."""

NM_RECONSTRUCTIONS = {"RECON TOMO": False, "RECON GATED TOMO": True}
"""Image Type value 3 that holds a reconstructed volume, and whether gated (PS3.3 C.8.4.9)."""

NM_PROJECTIONS = {"TOMO": False, "GATED TOMO": True}
"""Image Type value 3 that holds raw projections, and whether gated (PS3.3 C.8.4.9)."""

NM_REFUSED = {
    "STATIC": "a planar image",
    "WHOLE BODY": "a planar whole-body image",
    "DYNAMIC": "a planar dynamic study",
    "GATED": "a planar gated study",
}
"""Every other Image Type value 3 of PS3.3 C.8.4.9.1."""

PET_SERIES_TYPES = {"STATIC": False, "GATED": True}
"""Series Type value 1 that can be read, and whether gated (PS3.3 C.8.9.1.1.1)."""

PET_REFUSED = {"DYNAMIC": "a dynamic study; sum its frames after the uptake first"}
"""Every other Series Type value 1; WHOLE BODY is taken on request."""

FRAME_VECTORS = {
    0x00540010: "EnergyWindowVector",
    0x00540020: "DetectorVector",
    0x00540030: "PhaseVector",
    0x00540050: "RotationVector",
    0x00540060: "RRIntervalVector",
    0x00540070: "TimeSlotVector",
    0x00540080: "SliceVector",
    0x00540090: "AngularViewVector",
    0x00540100: "TimeSliceVector",
}
"""Vectors a Frame Increment Pointer may name (PS3.3 C.8.4.8.1.1)."""

VECTOR_SIZES = {
    "RRIntervalVector": "NumberOfRRIntervals",
    "TimeSlotVector": "NumberOfTimeSlots",
    "SliceVector": "NumberOfSlices",
}
"""How many values each vector that orders a reconstruction says it has (PS3.3 C.8.4.8)."""

VIEW_CODES = {
    CardiacView.SHORT_AXIS: ("103340004", "Short Axis"),
    CardiacView.VERTICAL_LONG_AXIS: ("131185001", "Vertical Long Axis"),
    CardiacView.HORIZONTAL_LONG_AXIS: ("131186000", "Horizontal Long Axis"),
}
"""CID 27 Basic Cardiac View (within CID 26), SCT: code and meaning."""

VIEW_ABBREVIATIONS = {
    CardiacView.SHORT_AXIS: "SA",
    CardiacView.VERTICAL_LONG_AXIS: "VLA",
    CardiacView.HORIZONTAL_LONG_AXIS: "HLA",
}
"""What lists of series call the views."""

CARDIAC_VIEW_CODES = {
    **{code: meaning.lower() for code, meaning in VIEW_CODES.values()},
    "G-A186": "short axis",
    "G-A18A": "vertical long axis",
    "G-A18B": "horizontal long axis",
}
"""CID 27 Basic Cardiac View (within CID 26) in SCT, and as SRT before 2019."""

CARDIAC_PROGRESSIONS = {
    "APEX_TO_BASE": "short axis",
    "BASE_TO_APEX": "short axis",
    "ANT_TO_INF": "long axis",
    "INF_TO_ANT": "long axis",
    "SEPTUM_TO_WALL": "long axis",
    "WALL_TO_SEPTUM": "long axis",
}
"""Slice Progression Direction (PS3.3 10.20.1.1): only reoriented slices have one."""

STRESS_CODES = ("109091", "109095", "432655005", "434161005", "F-05019", "F-05028")
"""Cardiac stress state and its peak (CID 3101, 3102, 3207), in DCM, SCT and SRT."""

REST_CODES = ("128975004", "F-01604", "109092", "109093", "109094")
"""Resting state; reinjection, redistribution, delayed redistribution show the heart at rest."""

STRESS_WORDS = frozenset({
    "stress", "stres", "strs", "str", "exercise", "effort", "esf", "esforco", "esfuerzo",
    "sforzo", "belastung", "belast", "inspanning", "treadmill", "ergometer",
    "adenosine", "adenosina", "adenosin", "regadenoson", "lexiscan",
    "dipyridamole", "dipiridamol", "dipyridamol", "persantine", "dobutamine", "dobutamina",
    "нагрузка",
})  # fmt: skip
"""Whole words, without accents, of taking up the tracer under stress."""

REST_WORDS = frozenset({
    "rest", "resting", "rst", "repouso", "reposo", "repos", "riposo", "ruhe", "rust",
    "redistribution", "redist", "reinjection", "покои",
})  # fmt: skip
"""Whole words, without accents, of taking up the tracer at rest."""

CORRECTED_WORDS = frozenset({"ac", "ctac", "irac", "iracrr", "mac", "attcorr"})
"""Whole words, without accents, of attenuation correction (``IRAC``: GE Xeleris)."""

UNCORRECTED_WORDS = frozenset({"nac", "noac", "nonac", "irnc", "irncrr", "uncorrected"})
"""Whole words of images without it."""

LYING_WORDS = {
    SUPINE: frozenset({"supine", "rucklage", "decubitodorsal"}),
    PRONE: frozenset({"prone", "prono", "bauchlage", "procubitus"}),
    UPRIGHT: frozenset({"upright", "sitting", "erect", "sitzend", "assis"}),
}
"""Whole words, without accents, of how the patient lay or sat."""

SERIES_TEXTS = ("SeriesDescription", "ImageID")
"""Attributes in which a camera names one reconstruction."""

STUDY_TEXTS = (
    "ProtocolName",
    "PerformedProcedureStepDescription",
    "RequestedProcedureDescription",
    "StudyDescription",
)
"""Attributes that name the whole procedure, asked only where the series is silent."""
