"""ShortAxis: standard short-axis and long-axis slices from transaxial cardiac SPECT and PET.

``shortaxis.reorient(path)`` estimates the pose of the left ventricle and cuts the three
standard views; ``shortaxis.write(result, folder)`` writes them.
``shortaxis.reconstruct(path)`` makes transaxial slices of raw projections.
``shortaxis.quantify(path)`` gives polar map and scores, and
``shortaxis.report(stress, rest, out=folder)`` lays stress and rest beside each other.
``shortaxis.measure_consistency(path)`` tells how well the pose follows known motions. Research
software, not a medical device.

The names in ``__all__`` are the Python API. Everything else is private until 1.0 and may move or
change in any release.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from shortaxis._version import __version__

# Without this word before it is loaded, onnxruntime (from 1.29 on) tells its maker of machine and
# models. Nobody who opens a patient's study asked for that; who wants it sets the variable to 0.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from shortaxis.anatomy.cardiac_views import CardiacView, ViewAxes, Wall, view_grid
    from shortaxis.errors import (
        AlreadyReorientedError,
        ArchiveError,
        CountsError,
        ExistingOutputError,
        ExportError,
        GeometryError,
        HeartNotFoundError,
        InputNotFoundError,
        MissingExtraError,
        OptionError,
        OutputError,
        PoseFileError,
        ShortAxisError,
        UnknownWeightsError,
        UnreadableFileError,
        UnsupportedObjectError,
        WebServerError,
        WorkerError,
    )
    from shortaxis.geometry.euler import (
        PoseParameters,
        parameters_from_pose,
        pose_from_parameters,
        rotation_from_angles,
        with_conventional_roll,
    )
    from shortaxis.geometry.grids import Grid
    from shortaxis.geometry.itk_transform import pose_from_itk_transform, pose_to_itk_transform
    from shortaxis.geometry.pose import RigidPose
    from shortaxis.geometry.pose_errors import PoseErrors, pose_errors
    from shortaxis.inference.weights_record import WeightsRecord
    from shortaxis.quantification.normal_limits import NormalLimits
    from shortaxis.quantification.polar_map import PolarMap
    from shortaxis.quantification.severity import Severity
    from shortaxis.quantification.tracing import TracedVentricle
    from shortaxis.reorientation.estimate import (
        LeftVentricleExtent,
        PoseEstimate,
        PoseUncertainty,
        Quality,
        QualityFlag,
    )
    from shortaxis.spect.reading_notes import ReadingNote
    from shortaxis.spect.reading_options import ReadingOptions
    from shortaxis.spect.stated_acquisition import StatedAcquisition
    from shortaxis.spect.stated_geometry import StatedGeometry, StoredAxis
    from shortaxis.spect.study import AcquisitionFacts, Modality, PerfusionStudy, StudyCondition
    from shortaxis.spect.volume import SpectVolume
    from shortaxis.ventricle.surfaces import VentricleSurfaces, WallBounds
    from shortaxis.ventricle.valve_plane import ValvePlane
    from shortaxis.workflow.consistency.measuring import Consistency
    from shortaxis.workflow.consistency.options import ConsistencyOptions
    from shortaxis.workflow.importing.pytomography_objects import from_pytomography
    from shortaxis.workflow.python_api import (
        MeasuredConsistency,
        ReorientedStudy,
        measure_consistency,
        quantify,
        reorient,
        write,
    )
    from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions
    from shortaxis.workflow.reconstruct.python_api import ReconstructedStudy, reconstruct
    from shortaxis.workflow.reorient.options import ReorientOptions, RollConvention
    from shortaxis.workflow.reorient.reorienting import Reorientation
    from shortaxis.workflow.studies.finding import StudyChoice
    from shortaxis.workflow.study_report.exams.pairing import (
        PoseRule,
        QuantifiedExam,
        QuantifiedPair,
        StudyDifference,
    )
    from shortaxis.workflow.study_report.python_api import report
    from shortaxis.workflow.study_report.requests import MadeReport

__all__ = [
    "AcquisitionFacts",
    "AlreadyReorientedError",
    "ArchiveError",
    "CardiacView",
    "Consistency",
    "ConsistencyOptions",
    "CountsError",
    "ExistingOutputError",
    "ExportError",
    "GeometryError",
    "Grid",
    "HeartNotFoundError",
    "InputNotFoundError",
    "LeftVentricleExtent",
    "MadeReport",
    "MeasuredConsistency",
    "MissingExtraError",
    "Modality",
    "NormalLimits",
    "OptionError",
    "OutputError",
    "PerfusionStudy",
    "PolarMap",
    "PoseErrors",
    "PoseEstimate",
    "PoseFileError",
    "PoseParameters",
    "PoseRule",
    "PoseUncertainty",
    "Quality",
    "QualityFlag",
    "QuantifiedExam",
    "QuantifiedPair",
    "QuantifiedStudy",
    "QuantifyOptions",
    "ReadingNote",
    "ReadingOptions",
    "ReconstructedStudy",
    "ReorientOptions",
    "Reorientation",
    "ReorientedStudy",
    "RigidPose",
    "RollConvention",
    "Severity",
    "ShortAxisError",
    "SpectVolume",
    "StatedAcquisition",
    "StatedGeometry",
    "StoredAxis",
    "StudyChoice",
    "StudyCondition",
    "StudyDifference",
    "TracedVentricle",
    "UnknownWeightsError",
    "UnreadableFileError",
    "UnsupportedObjectError",
    "ValvePlane",
    "VentricleSurfaces",
    "ViewAxes",
    "Wall",
    "WallBounds",
    "WebServerError",
    "WeightsRecord",
    "WorkerError",
    "__version__",
    "from_pytomography",
    "measure_consistency",
    "parameters_from_pose",
    "pose_errors",
    "pose_from_itk_transform",
    "pose_from_parameters",
    "pose_to_itk_transform",
    "quantify",
    "reconstruct",
    "reorient",
    "report",
    "rotation_from_angles",
    "view_grid",
    "with_conventional_roll",
    "write",
]

_MODULES = {
    "shortaxis.workflow.python_api": (
        "MeasuredConsistency",
        "ReorientedStudy",
        "measure_consistency",
        "quantify",
        "reorient",
        "write",
    ),
    "shortaxis.workflow.importing.pytomography_objects": ("from_pytomography",),
    "shortaxis.workflow.reorient.reorienting": ("Reorientation",),
    "shortaxis.workflow.reorient.options": ("ReorientOptions", "RollConvention"),
    "shortaxis.workflow.quantify.quantifying": ("QuantifiedStudy", "QuantifyOptions"),
    "shortaxis.workflow.reconstruct.python_api": ("ReconstructedStudy", "reconstruct"),
    "shortaxis.workflow.studies.finding": ("StudyChoice",),
    "shortaxis.workflow.study_report.python_api": ("report",),
    "shortaxis.workflow.study_report.requests": ("MadeReport",),
    "shortaxis.workflow.study_report.exams.pairing": (
        "PoseRule",
        "QuantifiedExam",
        "QuantifiedPair",
        "StudyDifference",
    ),
    "shortaxis.workflow.consistency.measuring": ("Consistency",),
    "shortaxis.workflow.consistency.options": ("ConsistencyOptions",),
    "shortaxis.quantification.tracing": ("TracedVentricle",),
    "shortaxis.quantification.polar_map": ("PolarMap",),
    "shortaxis.quantification.severity": ("Severity",),
    "shortaxis.quantification.normal_limits": ("NormalLimits",),
    "shortaxis.inference.weights_record": ("WeightsRecord",),
    "shortaxis.reorientation.estimate": (
        "LeftVentricleExtent",
        "PoseEstimate",
        "PoseUncertainty",
        "Quality",
        "QualityFlag",
    ),
    "shortaxis.spect.volume": ("SpectVolume",),
    "shortaxis.ventricle.surfaces": ("VentricleSurfaces", "WallBounds"),
    "shortaxis.ventricle.valve_plane": ("ValvePlane",),
    "shortaxis.spect.reading_notes": ("ReadingNote",),
    "shortaxis.spect.reading_options": ("ReadingOptions",),
    "shortaxis.spect.stated_acquisition": ("StatedAcquisition",),
    "shortaxis.spect.stated_geometry": ("StatedGeometry", "StoredAxis"),
    "shortaxis.spect.study": ("AcquisitionFacts", "Modality", "PerfusionStudy", "StudyCondition"),
    "shortaxis.anatomy.cardiac_views": ("CardiacView", "ViewAxes", "Wall", "view_grid"),
    "shortaxis.geometry.pose": ("RigidPose",),
    "shortaxis.geometry.euler": (
        "PoseParameters",
        "parameters_from_pose",
        "pose_from_parameters",
        "rotation_from_angles",
        "with_conventional_roll",
    ),
    "shortaxis.geometry.pose_errors": ("PoseErrors", "pose_errors"),
    "shortaxis.geometry.itk_transform": ("pose_from_itk_transform", "pose_to_itk_transform"),
    "shortaxis.geometry.grids": ("Grid",),
    "shortaxis.errors": (
        "AlreadyReorientedError",
        "ArchiveError",
        "CountsError",
        "ExistingOutputError",
        "ExportError",
        "GeometryError",
        "HeartNotFoundError",
        "InputNotFoundError",
        "MissingExtraError",
        "OptionError",
        "OutputError",
        "PoseFileError",
        "ShortAxisError",
        "UnknownWeightsError",
        "UnreadableFileError",
        "UnsupportedObjectError",
        "WebServerError",
        "WorkerError",
    ),
}
"""Where each public name lives; type checkers read the imports above, a test compares the two."""

_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


if not TYPE_CHECKING:  # else checkers would take any name for one of ours

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - the type is that of the attribute
        """Import a public name on first use, so that ``import shortaxis`` stays light."""
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_MODULE_OF[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
