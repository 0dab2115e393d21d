"""``shortaxis.reconstruct``: raw projections to transaxial slices in memory."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.stated_acquisition import ACQUIRED_AS_STORED, StatedAcquisition
from shortaxis.spect.stated_reconstruction import StatedReconstruction
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.reconstruct.options import Asked
from shortaxis.workflow.reconstruct.record import build_reconstruction
from shortaxis.workflow.reconstruct.requests import (
    made_as_asked,
    projections_among,
    reading_of_projections,
)
from shortaxis.workflow.studies.finding import (
    ANY_STUDY,
    StudyChoice,
    find_studies,
)
from shortaxis.workflow.studies.only_study import the_only_study
from shortaxis.workflow.studies.reconstructing import MadeStudy, MotionHandling

__all__ = ["ReconstructedStudy", "reconstruct"]


class ReconstructedStudy(MadeStudy):
    """What `reconstruct` returns; `reorient`, `quantify` and `write` take it as it is."""

    @property
    def volume(self) -> SpectVolume:
        """Transaxial counts ``(slice, row, column)`` with their affine to LPS mm."""
        return self.study.volume

    @property
    def record(self) -> dict[str, Any]:
        """Acquisition, settings, motion, notes (the content of ``reconstruction.json``)."""
        return build_reconstruction(self)


def reconstruct(  # noqa: PLR0913 - the choices of the command line, all optional
    source: str | PathLike[str],
    *,
    preset: str | None = None,
    method: str | None = None,
    iterations: int | None = None,
    subsets: int | None = None,
    filter_kind: str | None = None,
    cutoff: float | None = None,
    cutoff_unit: str = StatedReconstruction.cutoff_unit,
    order: float | None = None,
    fwhm_mm: float | None = None,
    resolution_recovery: bool | None = None,
    scatter: str | None = None,
    attenuation_map: str | PathLike[str] | None = None,
    map_unit: str | None = None,
    force_map: bool = False,
    motion: str = MotionHandling.REPORT,
    acquisition: StatedAcquisition = ACQUIRED_AS_STORED,
    series: str | None = None,
    reading: ReadingOptions = AS_STORED,
    choice: StudyChoice = ANY_STUDY,
) -> ReconstructedStudy:
    """Reconstruct the raw projections of one study.

    Parameters
    ----------
    source : path
        An NM ``TOMO`` or ``GATED TOMO`` object, or a folder that holds one.
    preset : str, optional
        A row of ``shortaxis.reconstruction.presets.PRESETS``, which the other settings change; by
        default what suits the study.
    method : {"osem", "fbp"}, optional
        With `iterations` and `subsets` of OSEM.
    filter_kind : {"none", "butterworth", "hann", "gaussian"}, optional
        With `cutoff` in `cutoff_unit` ("cycles/cm" or "nyquist") and `order`, or with `fwhm_mm`.
    resolution_recovery : bool, optional
        Model the collimator that the header or `acquisition` names.
    scatter : {"none", "dual", "triple"}, optional
        From further energy windows.
    attenuation_map : path, optional
        CT series, NM map or NIfTI file; `map_unit` ("per_cm" or "hounsfield") where it does not
        say, `force_map` for one of another patient or frame of reference.
    motion : {"report", "correct", "ignore"}
        What becomes of motion of the patient.
    acquisition : StatedAcquisition
        What the file does not say, or says wrong: angles, direction, radius, collimator, window.
    series, reading, choice
        As for `reorient`.

    Returns
    -------
    ReconstructedStudy
        With `volume`, `study`, `motion` and `record`.

    Raises
    ------
    ShortAxisError
        One of its children, see `shortaxis.errors`.
    """
    stated = StatedReconstruction(
        preset=preset,
        method=method,
        iterations=iterations,
        subsets=subsets,
        scatter=scatter,
        filter_kind=filter_kind,
        cutoff=cutoff,
        cutoff_unit=cutoff_unit,
        order=order,
        fwhm_mm=fwhm_mm,
        resolution_recovery=resolution_recovery,
        motion=motion,
    )
    map_path = None if attenuation_map is None else Path(attenuation_map)
    asked = Asked(stated.over(reading.reconstruction), map_path, map_unit, force_map)
    path = Path(source)
    reading = replace(reading, acquisition=acquisition.over(reading.acquisition))
    options = reading_of_projections(reading)
    everything = find_studies(path, series_uid=series, options=options, choice=choice)
    found = the_only_study(projections_among(everything, path), path)
    return ReconstructedStudy(**vars(made_as_asked(found, asked)))
