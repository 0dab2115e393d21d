"""The wall on the review sheet: lines lie on the tiles where the wall lies in the slices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.label_map import VentricleLabel, label_map
from shortaxis.ventricle.wall_network import draw_wall
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.reorienting import Reorientation, reorient_study
from shortaxis.workflow.reorient.wall_outlines import sheet_wall
from shortaxis.workflow.studies.finding import find_studies


@pytest.fixture(scope="module")
def made(demo_study_path: Path) -> Reorientation:
    loaded = find_studies(demo_study_path).studies[0].load()
    return reorient_study(loaded.study, ReorientOptions(), None, loaded.header)


def test_the_epicardium_encloses_the_labels_of_the_same_slice(made: Reorientation) -> None:
    anatomical, volume = made.estimate.pose, made.study.volume
    wall = sheet_wall(volume, made.estimate, made.pose, made.views)
    shown = made.views[CardiacView.SHORT_AXIS]
    labels = label_map(draw_wall(volume, anatomical), shown.grid) != VentricleLabel.OUTSIDE
    index = int(np.argmax(labels.sum(axis=(1, 2))))

    lines = {each.name: each for each in wall.outlines(CardiacView.SHORT_AXIS, index)}

    outer = lines["epicardium"].points_mm
    # Area and centroid of the inside of a closed line, by its corners.
    cross = outer[:-1, 0] * outer[1:, 1] - outer[1:, 0] * outer[:-1, 1]
    area = cross.sum() / 2
    centroid = ((outer[:-1] + outer[1:]) * cross[:, None]).sum(axis=0) / (6 * area)
    expected = labels[index].sum() * np.prod(shown.spacing_mm[1:])
    assert abs(area) == pytest.approx(expected, rel=0.1)
    middle = np.argwhere(labels[index]).mean(axis=0)
    center = np.linalg.solve(shown.patient_from_index, np.append(made.pose.center_mm, 1.0))[1:3]
    down_right = (middle - center) * shown.spacing_mm[1:]
    np.testing.assert_allclose(centroid, down_right[::-1], atol=0.8)
    assert "green epicardium" in wall.legend


def test_where_there_are_no_counts_there_is_no_wall(made: Reorientation) -> None:
    volume = made.study.volume
    empty = SpectVolume(np.zeros_like(volume.counts), volume.patient_from_index)

    wall = sheet_wall(empty, made.estimate, made.pose, made.views)

    assert wall.legend == ()
    assert list(wall.outlines(CardiacView.SHORT_AXIS, 10)) == []
