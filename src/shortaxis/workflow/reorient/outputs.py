"""Write a reoriented study: slices, pose, transform, report and review sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from shortaxis._version import __version__
from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.dicom.elements.stored_counts import shared_slope
from shortaxis.dicom.elements.uids import UidGenerator, random_uid
from shortaxis.dicom.writing.derived_header import with_study_uids
from shortaxis.dicom.writing.derived_series import (
    Derivation,
    DerivedSeries,
    Stamp,
    write_derived_series,
)
from shortaxis.errors import OptionError
from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import earlier_results, refuse_existing, staged_folder
from shortaxis.geometry.euler import angles_from_rotation
from shortaxis.geometry.itk_transform import pose_to_itk_transform
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.methods import UncertaintyKind, known_method
from shortaxis.reorientation.pose_record import record_in_study
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.drawing.display_scale import myocardial_level
from shortaxis.workflow.reorient.free_memory import give_back_free_memory
from shortaxis.workflow.reorient.options import OUTPUT_FORMATS
from shortaxis.workflow.reorient.record import build_report
from shortaxis.workflow.reorient.reorienting import Reorientation
from shortaxis.workflow.reorient.runs import first_series_number, run_words
from shortaxis.workflow.reorient.wall_outlines import sheet_wall
from shortaxis.workflow.review_sheet.content import ReviewSheetContent
from shortaxis.workflow.review_sheet.sheet import write_review_sheet
from shortaxis.workflow.studies.formats import StudyFormat
from shortaxis.workflow.studies.record import NOTICE

__all__ = ["ALL_OUTPUT_NAMES", "OutputOptions", "output_names", "write_reorientation"]

SUFFIXES: dict[str, str] = {StudyFormat.DICOM: ".dcm", StudyFormat.NIFTI: ".nii.gz"}

COMPANIONS = ("pose.json", "transform.tfm", "report.json", "review.png")
"""Files written beside the slices, in this order."""


@dataclass(frozen=True)
class OutputOptions:
    """What is written and how; `uid_generator` and `clock` are injected for repeatable files.

    Parameters
    ----------
    formats : sequence of StudyFormat, or of their names
        Formats of the slices.
    force : bool
        Overwrite results of an earlier run.
    review_sheet : bool
        Draw ``review.png``.
    companions : mapping of str to bytes
        Further files by name, that appear together with the results.
    """

    formats: Sequence[str] = (StudyFormat.DICOM,)
    force: bool = False
    review_sheet: bool = True
    companions: Mapping[str, bytes] = field(default_factory=dict)
    uid_generator: UidGenerator = random_uid
    clock: Callable[[], datetime] = field(default=datetime.now)

    def __post_init__(self) -> None:
        formats = tuple(dict.fromkeys(self.formats))
        unknown = [name for name in formats if name not in OUTPUT_FORMATS]
        if unknown or not formats:
            raise OptionError(
                "unknown output format",
                expected=" or ".join(OUTPUT_FORMATS),
                found=", ".join(unknown) or "none",
            )
        object.__setattr__(self, "formats", tuple(map(StudyFormat, formats)))


def output_names(formats: Iterable[str], *, gated: bool, review_sheet: bool = True) -> list[str]:
    """Names of all files of one study, in the order in which they are listed."""
    gatings = ("", "_gated") if gated else ("",)
    slices = [
        f"{view.value}{gating}{SUFFIXES[name]}"
        for name in formats
        for gating in gatings
        for view in CardiacView
    ]
    return slices + [name for name in COMPANIONS if review_sheet or name != "review.png"]


ALL_OUTPUT_NAMES = frozenset(output_names(OUTPUT_FORMATS, gated=True))
"""Every name that any choice of options can produce."""


def write_reorientation(
    reorientation: Reorientation, folder: Path, options: OutputOptions
) -> list[Path]:
    """Write all files of one study into `folder`, all of them or none.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    ExistingOutputError
        If results are there already and `options.force` is off.
    OutputError
        If anything cannot be written.
    """
    gated = reorientation.study.is_gated
    names = output_names(options.formats, gated=gated, review_sheet=options.review_sheet)
    if not options.force:
        refuse_existing(folder, ALL_OUTPUT_NAMES.union(options.companions))
    with staged_folder(folder, earlier_results(folder, "report.json", ALL_OUTPUT_NAMES)) as staging:
        if StudyFormat.DICOM in options.formats:
            _write_dicom(reorientation, staging, options)
        if StudyFormat.NIFTI in options.formats:
            _write_nifti(reorientation, staging)
        if gated:
            give_back_free_memory()
        _write_companions(reorientation, staging, names)
        if options.review_sheet:
            write_review_sheet(staging / "review.png", _sheet_content(reorientation))
        for name, content in options.companions.items():
            (staging / name).write_bytes(content)
    return [folder / name for name in (*names, *options.companions)]


def _write_dicom(reorientation: Reorientation, folder: Path, options: OutputOptions) -> None:
    header = with_study_uids(reorientation.header, options.uid_generator)
    derivation = _derivation(reorientation)
    now = options.clock()
    first = first_series_number(derivation.method, reorientation.options, header.number_in_series)
    for number, (name, make) in enumerate(_derived_series(reorientation), start=first + 1):
        stamp = Stamp(number, options.uid_generator, now)
        # Made here, so that nothing of it is there when the next one is.
        write_derived_series(folder / name, make(), header, derivation, stamp)


def _derivation(reorientation: Reorientation) -> Derivation:
    estimate, options = reorientation.estimate, reorientation.options
    _, anatomical_roll_deg, _ = angles_from_rotation(estimate.pose.patient_from_cardiac)
    return Derivation(
        method=estimate.method,
        pose=reorientation.pose,
        roll=options.roll.value,
        anatomical_roll_deg=anatomical_roll_deg if estimate.knows_roll else None,
        interpolation=options.interpolation,
        quality_flag=estimate.quality.flag.value,
        reasons=estimate.quality.reasons,
        bounds=_bounds(estimate),
        run=run_words(estimate.method, options),
        description=NOTICE,
        weights_name=estimate.weights.name,
        weights_version=estimate.weights.version,
        weights_sha256=estimate.weights.sha256,
        software_version=__version__,
        made_from=reorientation.study.facts.reconstructed_here,
    )


def _bounds(estimate: PoseEstimate) -> str:
    """The 90 % bounds in words; empty for methods whose uncertainties are none."""
    kind = known_method(estimate.method).uncertainty
    if kind is not UncertaintyKind.BOUNDS:
        return ""
    uncertainty = estimate.uncertainty
    known = {
        "long axis": (uncertainty.long_axis_deg, "degrees"),
        "centre": (uncertainty.center_mm, "mm"),
        "roll": (uncertainty.roll_deg, "degrees"),
    }
    bounds = [
        f"{what} {value:.1f} {unit}" for what, (value, unit) in known.items() if value is not None
    ]
    return f"{kind.value}: {', '.join(bounds)}" if bounds else ""


def _derived_series(
    reorientation: Reorientation,
) -> list[tuple[str, Callable[[], DerivedSeries]]]:
    """File names, and how their series are made; the views share a slope, as do those with slots.

    Time slots have a slope of their own, since a part of the counts needs finer steps.
    """
    views, gated_views = reorientation.views, reorientation.gated_views
    slope = shared_slope(volume.counts for volume in views.values())
    level = _wall_level(reorientation, [reorientation.study.volume])
    made: list[tuple[str, Callable[[], DerivedSeries]]] = [
        (f"{view.value}.dcm", partial(DerivedSeries, view, volume, None, slope, level))
        for view, volume in views.items()
    ]
    if gated_views:
        gated = partial(
            _gated_series,
            reorientation,
            slope=shared_slope(gated_views.values()),
            level=_wall_level(reorientation, reorientation.study.gate_volumes()),
        )
        made += [(f"{view.value}_gated.dcm", partial(gated, view)) for view in gated_views]
    return made


def _gated_series(
    reorientation: Reorientation, view: CardiacView, *, slope: str, level: float | None
) -> DerivedSeries:
    gates = reorientation.gated_views[view]
    return DerivedSeries(view, reorientation.views[view], gates, slope, level)


def _wall_level(reorientation: Reorientation, volumes: Sequence[SpectVolume]) -> float | None:
    """Counts of the healthy wall, as on the review sheet, in the brightest of some volumes."""
    extent = reorientation.estimate.extent
    levels = (myocardial_level(volume, reorientation.pose, extent) for volume in volumes)
    return max(levels, default=None)


def _write_nifti(reorientation: Reorientation, folder: Path) -> None:
    # Whoever writes no such file needs no nibabel.
    from shortaxis.nifti.writing import write_nifti

    for view, volume in reorientation.views.items():
        path = folder / f"{view.value}.nii.gz"
        write_nifti(path, volume.counts, volume.patient_from_index, content=view.value)
    for view in reorientation.gated_views:
        name, affine = f"{view.value}_gated.nii.gz", reorientation.views[view].patient_from_index
        # Not by name: the slots of one view would still be there when the next ones are cut.
        write_nifti(folder / name, reorientation.gated_views[view], affine, content=view.value)


def _write_companions(reorientation: Reorientation, folder: Path, names: Sequence[str]) -> None:
    record = record_in_study(reorientation.estimate, reorientation.study)
    write_json(folder / "pose.json", record)
    write_json(folder / "report.json", build_report(reorientation, names))
    transform = pose_to_itk_transform(reorientation.pose)
    (folder / "transform.tfm").write_text(transform, encoding="ascii")


def _sheet_content(reorientation: Reorientation) -> ReviewSheetContent:
    study, facts = reorientation.study, reorientation.study.facts
    condition = "" if facts.condition.value == "unknown" else f"{facts.condition.value}, "
    estimate = reorientation.estimate
    wall = sheet_wall(study.volume, estimate, reorientation.pose, reorientation.views)
    return ReviewSheetContent(
        volume=study.volume,
        views=reorientation.views,
        estimate=reorientation.estimate,
        pose=reorientation.pose,
        roll=reorientation.options.roll.value,
        title=f"ShortAxis reorientation ({condition}{facts.camera or 'camera unknown'})",
        facts=facts,
        time_slots=1 if study.gates is None else len(study.gates),
        interpolation=reorientation.options.interpolation,
        outlines=wall.outlines,
        legend=wall.legend,
    )
