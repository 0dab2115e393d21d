#!/bin/sh
# Tools: SimpleITK 2.5.7 writes, VTK 9.7.2 reads; so do pyvista and others on VTK.
# Guess: VTK has had directions in its images since version 9, so that a volume of NRRD or NIfTI
#   lies at the place that its file tells.
# Happens: NRRD keeps the origin and loses the directions, though they are in the file. NIfTI
#   loses both and has them in matrices beside the image, for the caller to use, as its
#   description says. The legacy format of VTK has no directions, and SimpleITK writes an oblique
#   volume to it without a warning. One heart is at two places, neither of them its own.
# Matters: surfaces and slices made in VTK are laid over images, meshes and poses from elsewhere.
#   A volume whose columns run to the left, rows to the back and slices to the head shows no fault
#   in NRRD; short-axis slices lie at 45 degrees to all of these axes.
# ShortAxis: uses no reader of VTK; its own surfaces are in LPS mm, and tested.
# Checked: 2026-12-01

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 SimpleITK==2.5.7 vtk==9.7.2 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import SimpleITK
import vtk
from vtk.util.numpy_support import vtk_to_numpy

turn = np.radians(40)
across, down = [np.cos(turn), np.sin(turn), 0], [0, 0, -1]
along = np.cross(across, down)
counts = np.zeros((20, 32, 48), np.float32)
counts[12, 20, 30] = 100  # the heart
volume = SimpleITK.GetImageFromArray(counts)
volume.SetSpacing((4, 4.5, 5))
volume.SetOrigin((-60, -80, 1000))
volume.SetDirection(np.column_stack([across, down, along]).ravel().tolist())
true_mm = np.array(volume.TransformIndexToPhysicalPoint((30, 20, 12)))
print("heart at", true_mm.round(1).tolist(), "LPS mm")
READERS = {"nrrd": vtk.vtkNrrdReader, "vtk": vtk.vtkStructuredPointsReader,
           "nii": vtk.vtkNIFTIImageReader}
off_mm, found = {}, {}
for suffix, make in READERS.items():
    SimpleITK.WriteImage(volume, "heart." + suffix)
    reader = make()
    reader.SetFileName("heart." + suffix)
    reader.Update()
    image = reader.GetOutput()
    hottest = int(np.argmax(vtk_to_numpy(image.GetPointData().GetScalars())))
    found[suffix] = np.round(image.GetPoint(hottest), 1)
    off_mm[suffix] = float(np.linalg.norm(found[suffix] - true_mm))
    print(f"{suffix}: VTK has it at {found[suffix].tolist()}, {off_mm[suffix]:.0f} mm off")
if min(off_mm.values()) < 50:
    raise SystemExit(f"changed: {off_mm}")
if not np.allclose(found["nrrd"], found["vtk"]) or np.allclose(found["nrrd"], found["nii"]):
    raise SystemExit(f"changed: {found}")
PYTHON
