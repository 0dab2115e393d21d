"""Thirty simulated exams beside the real studies, shown alike.

``python -m evidence run realism_figure -- [--data FOLDER] [--pictures FOLDER]`` writes
``realism.png``. Simulated are exams of the preset ``clinical``: the first twelve of the
camera of the real studies, at rest as they are, and the first one of each other camera, tracer and
method; nobody chooses. Simulated exams are cut by their true pose with the conventional roll, the
real ones by the ellipsoid. Counts are relative to the level of the myocardium, found in the same
way for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from evidence.measuring.real_studies.study_files import find_studies
from evidence.recording.options import add_real_data, picture_options
from evidence.recording.pictures import keep_picture
from evidence.recording.record import store_pictures
from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.affines import affine_from_axes, geometric_center_mm
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.euler import with_conventional_roll
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.ellipsoid import estimate_pose_by_ellipsoid
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.simulation.acquisition import Technique, Tracer
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.drawing.display_scale import TYPICAL_EXTENT, myocardial_level
from shortaxis.workflow.studies.finding import find_studies as find_studies_in

FIRST_SEED = 9_300_000
"""Outside every range that anything is trained, chosen or tested on."""

LIKE_REAL, OTHER_PROTOCOLS = 12, 18
REAL_CAMERA = "GE Discovery NM 530c"

BODY_MM, BODY_STEP_MM = 264.0, 3.0
HEART_MM, HEART_STEP_MM = 140.0, 2.0

PLANES = (
    ((0, 0, 1), (0, 1, 0), (1, 0, 0)),
    ((0, 1, 0), (0, 0, -1), (1, 0, 0)),
    ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
)
"""Transaxial, coronal, sagittal: stacking, down and right, LPS."""

CUTS = (
    (CardiacView.SHORT_AXIS, -0.18),
    (CardiacView.SHORT_AXIS, 0.12),
    (CardiacView.VERTICAL_LONG_AXIS, 0.0),
    (CardiacView.HORIZONTAL_LONG_AXIS, 0.0),
)
"""View, and where along its stack as a part of the length."""

HEADINGS = ("transaxial", "coronal", "sagittal", "apical SA", "mid SA", "VLA", "HLA")

TILE, TITLE, GAP, MARGIN = 1.0, 0.2, 0.04, 0.12
"""Inches."""

REAL_COLOUR, SIMULATED_COLOUR = "#c2410c", "#0b5cad"


@dataclass(frozen=True, eq=False)
class Shown:
    """A volume with the pose that it is cut by."""

    words: str
    is_real: bool
    volume: SpectVolume
    pose: RigidPose
    extent: LeftVentricleExtent


def main() -> None:
    parser = picture_options(__doc__)
    add_real_data(parser)
    arguments = parser.parse_args()
    real = list(real_studies(arguments.data))
    if not real:
        parser.error(f"no real studies in {arguments.data}")
    shown = [*real, *simulated_exams()]
    for each in shown:
        print(each.words)
    figure = draw(shown)
    picture = arguments.pictures / "realism.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=100, metadata={"Software": None})
    plt.close(figure)
    keep_picture(picture, picture)
    store_pictures("realism_figure", [picture], FIRST_SEED)


def real_studies(folder: Path) -> Iterator[Shown]:
    """Yield the real studies, with the pose that the ellipsoid finds."""
    for number, (path, _) in enumerate(find_studies(folder), start=1):
        volume = find_studies_in(path).studies[0].load().study.volume
        estimate = estimate_pose_by_ellipsoid(volume)
        words = f"REAL {number}: Discovery NM 530c, Tc-99m sestamibi, rest"
        yield Shown(words, True, volume, estimate.pose, estimate.extent or TYPICAL_EXTENT)


def simulated_exams() -> list[Shown]:
    """Simulate the exams that the rule picks: the real camera first, then one a protocol."""
    like_real: list[ExamScenario] = []
    others: dict[tuple[str, str, str, bool], ExamScenario] = {}
    patient = FIRST_SEED // 2
    while len(like_real) < LIKE_REAL or len(others) < OTHER_PROTOCOLS:
        rest = sample_scenario("clinical", 2 * patient + 1)
        if rest.acquisition.camera == REAL_CAMERA:
            like_real.append(rest)
        else:
            settings = rest.reconstruction
            protocol = (
                rest.acquisition.camera,
                rest.acquisition.tracer,
                settings.method,
                settings.attenuation_corrected,
            )
            # Stress and rest in turn.
            others.setdefault(protocol, sample_scenario("clinical", 2 * patient + patient % 2))
        patient += 1
    return [
        _simulated(simulate(each))
        for each in [*like_real[:LIKE_REAL], *list(others.values())[:OTHER_PROTOCOLS]]
    ]


def _simulated(exam: SimulatedExam) -> Shown:
    ventricle = exam.scenario.phantom.heart.left_ventricle
    extent = LeftVentricleExtent(
        length_mm=ventricle.length_mm, radius_mm=ventricle.radius_mm - ventricle.wall_mm / 2
    )
    pose = with_conventional_roll(exam.pose)
    return Shown(_words(exam), False, exam.volume, pose, extent)


def _words(exam: SimulatedExam) -> str:
    scenario = exam.scenario
    parts = [scenario.acquisition.camera.replace("GE Discovery", "Discovery")]
    if scenario.acquisition.technique == Technique.PARALLEL_HOLES.name:
        parts.append(scenario.reconstruction.words)
    if scenario.reconstruction.attenuation_corrected:
        parts.append("AC")
    tracer = Tracer[scenario.acquisition.tracer].label
    parts += [tracer.replace(" chloride", ""), scenario.condition]
    defect = float(exam.strata["defect_part"])
    if defect > 0:
        parts.append(f"defect {defect:.0%}")
    flags = ("hot_organ", "small_heart", "low_counts", "truncated")
    parts += [name.replace("_", " ") for name in flags if exam.strata[name]]
    return f"{scenario.exam_seed}: " + ", ".join(parts)


def draw(shown: list[Shown]) -> Figure:
    """Two columns of strips of seven tiles, real studies on top."""
    rows = (len(shown) + 1) // 2
    strip = 7 * TILE + 6 * GAP
    width, height = 2 * strip + 3 * MARGIN, rows * (TILE + TITLE) + MARGIN + TITLE
    figure = plt.figure(figsize=(width, height), facecolor="white")
    for place, each in enumerate(shown):
        row, column = divmod(place, 2)
        left = MARGIN + column * (strip + MARGIN)
        top = height - TITLE - row * (TILE + TITLE)
        colour = REAL_COLOUR if each.is_real else SIMULATED_COLOUR
        figure.text(left / width, (top - 0.16) / height, each.words, fontsize=8.5, color=colour,
                    fontweight="bold" if each.is_real else "normal")  # fmt: skip
        for number, (tile, cmap) in enumerate(_tiles(each)):
            at = left + number * (TILE + GAP)
            box = (at / width, (top - TITLE - TILE) / height, TILE / width, TILE / height)
            axes = figure.add_axes(box)
            axes.imshow(tile, cmap=cmap, vmin=0, vmax=1, interpolation="bilinear")
            axes.set_xticks([])
            axes.set_yticks([])
            for spine in axes.spines.values():
                spine.set(color="#cfd6dd", linewidth=0.6)
            if row == 0:
                center = (at + TILE / 2) / width
                figure.text(center, (height - 0.15) / height, HEADINGS[number], fontsize=8.5,
                            ha="center", color="#6b7785")  # fmt: skip
    return figure


def _tiles(shown: Shown) -> Iterator[tuple[CountsArray, str]]:
    level = myocardial_level(shown.volume, shown.pose, shown.extent)
    center = shown.pose.center_mm
    for axes in PLANES:
        yield _cut(shown.volume, axes, center, BODY_MM, BODY_STEP_MM) / level, "gray_r"
    for view, place in CUTS:
        rotation = shown.pose.patient_from_cardiac
        directions = [rotation @ axis for axis in
                      (view.axes.stacking, view.axes.column, view.axes.row)]  # fmt: skip
        at = center + directions[0] * place * shown.extent.length_mm
        cut = _cut(shown.volume, directions, at, HEART_MM, HEART_STEP_MM)
        yield cut / level, "afmhot"


def _cut(
    volume: SpectVolume,
    axes: tuple[tuple[int, int, int], ...] | list[FloatArray],
    center_mm: FloatArray,
    size_mm: float,
    step_mm: float,
) -> CountsArray:
    """One plane through a point, square."""
    pixels = round(size_mm / step_mm)
    shape = (1, pixels, pixels)
    affine = affine_from_axes(axes, step_mm, (0, 0, 0))
    affine[:3, 3] = center_mm - geometric_center_mm(affine, shape)
    plane: CountsArray = volume.resampled(Grid(shape, affine)).counts[0]
    return plane


if __name__ == "__main__":
    main()
