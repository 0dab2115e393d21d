#!/bin/sh
# Tool: SimpleITK 2.5.7, `Flip`, and an image indexed with `[::-1]`.
# Guess: a volume that came out upside down is put right by flipping its slices and saving it.
# Happens: `Flip` turns the order of the voxels and, with it, the direction and origin of the
#   image, so that each voxel stays where it was in the patient. Whoever looks at places, as ITK,
#   nibabel and viewers do, sees the same volume as before, upside down. Only a look at the bare
#   array shows a change. Counts, sizes and spacings cannot tell. By design: ITK flips the grid,
#   not what is in it; with `flipAboutOrigin` the heart moves, to the far side of the scanner's
#   origin.
# Matters: volumes of NM are mirrored by some converters (finding dcm2niix-negative-spacing), and
#   this is the first repair one tries: anterior and inferior wall stay exchanged in the file.
# ShortAxis: `--flip slices` leaves the volume where it is and takes its slices the other way
#   round; `docs/explanation/converters.md` says that `Flip` does not.
# Checked: 2026-12-01

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    nibabel==5.4.2 numpy==2.4.6 SimpleITK==2.5.7 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import nibabel
import numpy as np
import SimpleITK

counts = np.zeros((10, 6, 5), np.float32)
counts[8, 2, 3] = 100  # liver, wrongly above the heart
counts[3, 2, 3] = 50  # heart
upside_down = SimpleITK.GetImageFromArray(counts)
upside_down.SetSpacing((4, 4, 5))
upside_down.SetOrigin((-10, -12, 100))


def as_seen(image):
    """Height (mm) of liver and heart for a reader of places, and the volume in its one order."""
    SimpleITK.WriteImage(image, "volume.nii")
    read = nibabel.load("volume.nii")
    upright = np.array(nibabel.as_closest_canonical(read).dataobj)
    stored = np.asarray(read.dataobj)
    heights = [(read.affine @ [*np.argwhere(stored == hot)[0], 1])[2] for hot in (100, 50)]
    return [float(height) for height in heights], upright


before, volume = as_seen(upside_down)
print("as it came: liver and heart at", before, "mm, head up")
repairs = {
    "Flip": SimpleITK.Flip(upside_down, (False, False, True)),
    "[:, :, ::-1]": upside_down[:, :, ::-1],
}
still = True
for name, image in repairs.items():
    after, turned = as_seen(image)
    array = SimpleITK.GetArrayViewFromImage(image)
    print(f"{name}: liver and heart at {after} mm; unchanged for a reader of places:",
          f"{np.array_equal(turned, volume)}; bare array: {np.array_equal(array, counts)}")
    still &= after == before == [140, 115] and np.array_equal(turned, volume)
    still &= np.array_equal(array, counts[::-1])
if not still:
    raise SystemExit("changed")
PYTHON
