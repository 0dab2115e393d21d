"""The functions of ``import shortaxis`` that take one study in any form, and what they return.

`reconstruct` and `report` stand beside what they call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from shortaxis.errors import OptionError
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.named_normals import DEFAULT_NORMALS
from shortaxis.quantification.normal_group import NormalGroup
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.methods import DEFAULT_METHOD
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.consistency.measuring import Consistency, measure_study_consistency
from shortaxis.workflow.consistency.options import ConsistencyOptions
from shortaxis.workflow.consistency.record import build_consistency_record
from shortaxis.workflow.reorient.given_poses import estimate_from_pose, read_pose_for
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.record import build_report
from shortaxis.workflow.reorient.reorienting import Reorientation, reorient_study
from shortaxis.workflow.studies.finding import (
    ANY_STUDY,
    LoadedStudy,
    StudyChoice,
    find_studies,
)
from shortaxis.workflow.studies.only_study import the_only_study

if TYPE_CHECKING:
    from shortaxis.workflow.quantify.quantifying import QuantifiedStudy
    from shortaxis.workflow.studies.reconstructing import MadeStudy

__all__ = [
    "MeasuredConsistency",
    "ReorientedStudy",
    "measure_consistency",
    "quantify",
    "reorient",
    "write",
]

Source: TypeAlias = "str | PathLike[str] | SpectVolume | PerfusionStudy | MadeStudy"
Pose = str | PathLike[str] | RigidPose | PoseEstimate


class ReorientedStudy(Reorientation):
    """What `reorient` returns: a `Reorientation`, with pose, estimate and views, and its report."""

    @property
    def report(self) -> dict[str, Any]:
        """What was read and decided, as plain values (the content of ``report.json``)."""
        return build_report(self)


class MeasuredConsistency(Consistency):
    """What `measure_consistency` returns: a `Consistency` that also tells its record."""

    @property
    def record(self) -> dict[str, Any]:
        """All numbers as plain values (the content of ``consistency.json``)."""
        return build_consistency_record(self)


def reorient(  # noqa: PLR0913 - the choices of the command line, all optional
    source: Source,
    *,
    method: str = ReorientOptions.method,
    weights: str | None = None,
    pose: Pose | None = None,
    roll: str = "conventional",
    spacing_mm: float | None = None,
    size: int | None = None,
    interpolation: str = "linear",
    series: str | None = None,
    force_input: bool = False,
    reading: ReadingOptions = AS_STORED,
    choice: StudyChoice = ANY_STUDY,
) -> ReorientedStudy:
    """Reorient one transaxial cardiac study to the three standard views.

    Parameters
    ----------
    source : path, SpectVolume, PerfusionStudy or ReconstructedStudy
        A DICOM or NIfTI file, a folder that holds one transaxial series, a volume in memory
        (counts ``(slice, row, column)`` with an affine to LPS mm), or what `reconstruct` returned.
    method : str
        Name of the estimator: ``network``, or ``ellipsoid``, which needs no weights and does not
        see the roll; ``network-openvino`` and ``network-openvino-bf16`` need the extra
        ``openvino``.
    weights : str, optional
        Weights of the network: a name of installed ones, or a folder that ``shortaxis train``
        wrote.
    pose : path, RigidPose or PoseEstimate, optional
        Use this pose instead of estimating one; a path names a ``pose.json``.
    roll : {"conventional", "anatomical"}
        Turn of the slices about the long axis.
    spacing_mm, size, interpolation
        Grid and interpolation of the slices, see `ReorientOptions`.
    series : str, optional
        Series Instance UID, if a folder holds several series.
    force_input : bool
        Take a series that says it is reoriented already.
    reading : ReadingOptions
        What else is allowed and stated: whole-body series, orientation, spacings, flips.
    choice : StudyChoice
        Which study is meant where a path holds several: its number, or its correction.

    Returns
    -------
    ReorientedStudy
        With `pose`, `estimate`, `short_axis`, `vertical_long_axis`, `horizontal_long_axis`
        and `report`.

    Raises
    ------
    ShortAxisError
        One of its children, see `shortaxis.errors`.

    Examples
    --------
    >>> import numpy as np
    >>> from shortaxis import RigidPose, SpectVolume
    >>> volume = SpectVolume(np.random.default_rng(0).random((32, 40, 40)), np.diag([4, 4, 4, 1]))
    >>> pose = RigidPose([(1, 0, 0), (0, 0, 1), (0, -1, 0)], (64, 80, 80))
    >>> result = reorient(volume, pose=pose, spacing_mm=5, size=40)
    >>> result.short_axis.shape
    (30, 40, 40)
    """
    loaded = _load(source, series, _reading(reading, force_input), choice)
    options = ReorientOptions(
        method=method,
        weights=weights,
        roll=roll,  # type: ignore[arg-type]  # converted and checked there
        spacing_mm=spacing_mm,
        size=size,
        interpolation=interpolation,
    )
    given = _given_pose(pose, loaded.study)
    made = reorient_study(loaded.study, options, given, loaded.header)
    return ReorientedStudy(**vars(made))


def write(
    result: Reorientation | MadeStudy,
    folder: str | PathLike[str],
    *,
    formats: str | Sequence[str] | None = None,
    force: bool = False,
    review_sheet: bool = True,
) -> list[Path]:
    """Write a reorientation or a reconstruction into `folder`, all of its files or none.

    A reorientation becomes slices, pose, transform, report and review sheet; a reconstruction
    slices, record and picture. `formats` is "dicom", "nifti" or both in a list; by default the
    format of the source.

    Raises
    ------
    ExistingOutputError
        If results are there already and `force` is off.
    OutputError
        If anything cannot be written.
    """
    if isinstance(formats, str):
        formats = formats.split(",")
    # Pictures are drawn here and nowhere before: a pose alone needs no matplotlib.
    if not isinstance(result, Reorientation):
        from shortaxis.workflow.reconstruct.writing import WritingOptions, write_reconstruction

        writing = WritingOptions(formats or ("dicom",), force)
        return write_reconstruction(result, Path(folder), writing)
    from shortaxis.workflow.reorient.outputs import OutputOptions, write_reorientation

    chosen = formats or (("nifti",) if result.header is None else ("dicom",))
    options = OutputOptions(formats=chosen, force=force, review_sheet=review_sheet)
    return write_reorientation(result, Path(folder), options)


def quantify(  # noqa: PLR0913 - the choices of the command line, all optional
    source: Source,
    *,
    method: str = DEFAULT_METHOD,
    weights: str | None = None,
    pose: Pose | None = None,
    roll: str = "conventional",
    normals: str | None = DEFAULT_NORMALS,
    stated: NormalGroup | None = None,
    series: str | None = None,
    force_input: bool = False,
    reading: ReadingOptions = AS_STORED,
    choice: StudyChoice = ANY_STUDY,
) -> QuantifiedStudy:
    """Trace the left ventricle, lay its wall flat, and score the 17 segments.

    Parameters
    ----------
    source : path, SpectVolume, PerfusionStudy or ReconstructedStudy
        As for `reorient`; short-axis slices with `force_input`, whose axes are kept.
    method, weights
        The estimator, as for `reorient`.
    pose : path, RigidPose or PoseEstimate, optional
        Use this pose, as it is, instead of estimating one.
    roll : {"conventional", "anatomical"}
        Where the walls of the polar map are taken to be, by an estimated pose.
    normals : str or None
        Installed normal limits by name, or a file; ``fixed-bands`` scores by fixed bands of
        uptake, None leaves scores out.
    stated : NormalGroup, optional
        What the study does not say and normal limits depend on, such as the sex.
    series, force_input, reading, choice
        As for `reorient`.

    Returns
    -------
    QuantifiedStudy
        With the polar map in `traced.polar_map`, and `severity`, which is None without limits.

    Raises
    ------
    ShortAxisError
        One of its children, see `shortaxis.errors`.
    """
    # What scores a wall takes as long to load as a pose to estimate.
    from shortaxis.workflow.quantify.quantifying import QuantifyOptions, quantify_study

    loaded = _load(source, series, _reading(reading, force_input), choice)
    given = _given_pose(pose, loaded.study)
    return quantify_study(
        loaded.study,
        QuantifyOptions(
            method=method,
            weights=weights,
            roll=roll,  # type: ignore[arg-type]  # converted and checked there
            normals=normals,
            stated=stated or NormalGroup(),
        ),
        None if given is None else given.pose,
        given,
    )


def measure_consistency(  # noqa: PLR0913 - the choices of the command line, all optional
    source: Source,
    *,
    method: str = ReorientOptions.method,
    weights: str | None = None,
    motions: int = 40,
    seed: int = 0,
    series: str | None = None,
    force_input: bool = False,
    reading: ReadingOptions = AS_STORED,
    choice: StudyChoice = ANY_STUDY,
) -> MeasuredConsistency:
    """Turn and shift a study by known motions and see how well the pose follows.

    Parameters
    ----------
    source : path, SpectVolume, PerfusionStudy or ReconstructedStudy
        As for `reorient`.
    method, weights
        The estimator, as for `reorient`.
    motions : int
        How many motions are drawn, each up to 25 degrees and 20 mm.
    seed : int
        Seed of the draw.
    series, force_input, reading, choice
        As for `reorient`.

    Returns
    -------
    MeasuredConsistency
        With the poses moved back as `resampled` and `affine_only`, and all numbers in `record`.

    Raises
    ------
    ShortAxisError
        One of its children, see `shortaxis.errors`.
    """
    loaded = _load(source, series, _reading(reading, force_input), choice)
    options = ConsistencyOptions(method=method, weights=weights, motions=motions, seed=seed)
    return MeasuredConsistency(**vars(measure_study_consistency(loaded.study, options)))


def _reading(reading: ReadingOptions, force_input: bool) -> ReadingOptions:
    return replace(reading, force_input=reading.force_input or force_input)


def _load(
    source: Source, series: str | None, options: ReadingOptions, choice: StudyChoice
) -> LoadedStudy:
    if isinstance(source, SpectVolume):
        return LoadedStudy(PerfusionStudy(source))
    if isinstance(source, PerfusionStudy):
        return LoadedStudy(source)
    if not isinstance(source, str | PathLike):
        # Slices that came as slices need nothing of what reconstructs.
        from shortaxis.workflow.studies.reconstructing import MadeStudy

        if isinstance(source, MadeStudy):
            return LoadedStudy(source.study, source.header)
        raise OptionError(
            "the source is of no kind that can be reoriented",
            expected="a path, a SpectVolume, a PerfusionStudy or what reconstruct returned",
            found=type(source).__name__,
        )
    path = Path(source)
    found = find_studies(path, series_uid=series, options=options, choice=choice)
    return the_only_study(found, path).load()


def _given_pose(pose: Pose | None, study: PerfusionStudy) -> PoseEstimate | None:
    if pose is None or isinstance(pose, PoseEstimate):
        return pose
    if isinstance(pose, RigidPose):
        return estimate_from_pose(pose, study.volume)
    return read_pose_for(study, Path(pose))
