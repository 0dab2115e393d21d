#!/bin/sh
# Tools: VTK 9.7.2 (vtkMetaImageReader, vtkMetaImageWriter) and SimpleITK 2.5.7.
# Guess: VTK keeps the directions of a MetaImage since it has them in its images, and a volume
#   lies where ITK, whose format this is, has it.
# Happens: VTK reads and writes the matrix of directions with rows and columns exchanged, so it
#   turns the volume the other way. Both ways VTK agrees with itself, and a transaxial volume is
#   right, since its matrix is its own transpose; a short-axis volume turned by 40 degrees to the
#   left lies turned by 40 degrees to the right, with slices along another axis: here 223 mm from
#   its place.
# Matters: oblique volumes are what this field makes. Tests with transaxial ones pass; pyvista and
#   other packages on VTK read MetaImage this way.
# ShortAxis: reads and writes no MetaImage, and says what to do instead.
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
AXES = {
    "transaxial": np.diag([-1.0, -1, 1]),
    "short axis": np.column_stack([across, down, np.cross(across, down)]),
}
counts = np.zeros((20, 32, 48), np.float32)
counts[12, 20, 30] = 100  # the heart
off_mm = {}
for name, axes in AXES.items():
    volume = SimpleITK.GetImageFromArray(counts)
    volume.SetSpacing((4, 4.5, 5))
    volume.SetOrigin((-60, -80, 1000))
    volume.SetDirection(axes.ravel().tolist())
    true_mm = np.array(volume.TransformIndexToPhysicalPoint((30, 20, 12)))
    SimpleITK.WriteImage(volume, "heart.mha")
    reader, writer = vtk.vtkMetaImageReader(), vtk.vtkMetaImageWriter()
    reader.SetFileName("heart.mha")
    reader.Update()
    image = reader.GetOutput()
    hottest = int(np.argmax(vtk_to_numpy(image.GetPointData().GetScalars())))
    read_mm = np.array(image.GetPoint(hottest))

    writer.SetFileName("again.mha")
    writer.SetInputData(image)
    writer.Write()
    again_mm = SimpleITK.ReadImage("again.mha").TransformIndexToPhysicalPoint((30, 20, 12))
    off_mm[name] = [round(float(np.linalg.norm(place - true_mm))) for place in (read_mm, again_mm)]
    print(f"{name}: heart at {true_mm.round(1).tolist()} LPS mm, VTK has it at",
          f"{read_mm.round(1).tolist()}, {off_mm[name][0]} mm off; written again by VTK and read",
          f"by SimpleITK {off_mm[name][1]} mm off")
    flipped = np.array([-60, -80, 1000]) + axes.T @ (np.array([30, 20, 12]) * [4, 4.5, 5])
    if not np.allclose(read_mm, flipped, atol=0.01):
        raise SystemExit("changed: another matrix")
if off_mm != {"transaxial": [0, 0], "short axis": [223, 0]}:
    raise SystemExit(f"changed: {off_mm}")
PYTHON
