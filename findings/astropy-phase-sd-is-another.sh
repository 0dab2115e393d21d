#!/bin/sh
# Tools: astropy 8.0.2 (`stats.circstd`) and scipy 1.17.1 (`stats.circstd`).
# Guess: the circular standard deviation of phases given in degrees is one number, in degrees, as
#   the circular mean of the same module is.
# Happens: astropy gives the mean in degrees and the standard deviation as a bare number, in
#   radians. And it is another quantity: the root of 2 (1 - R) where scipy has the root of -2 ln
#   R, R being the length of the mean vector. They agree for narrow histograms and part for wide
#   ones: 42.5 and 46 degrees, 59 and 70. Both are in the literature, and `method="circular"`
#   gives the other. The mean comes between -180 and 180 degrees where scipy has 0 to 360.
# Matters: a phase SD decides on dyssynchrony by limits such as 43 degrees, which were found with
#   the plain standard deviation of a histogram, a third number.
# ShortAxis: root mean square distance from the mean direction, in degrees, tested;
#   `docs/how-to/function.md` says so.
# Checked: 2026-12-01

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 scipy==1.17.1 astropy==8.0.2 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import astropy.units as u
import numpy as np
from astropy.stats import circmean, circstd
from scipy import stats

spread = stats.norm.ppf((np.arange(1000) + 0.5) / 1000)
seen, units = [], set()
for sd_deg in (10, 46, 70):
    phase_deg = (200 + sd_deg * spread) % 360
    mean, sd = circmean(phase_deg * u.deg), circstd(phase_deg * u.deg)
    units.add((str(mean.unit), str(getattr(sd, "unit", ""))))
    other = float(circstd(phase_deg * u.deg, method="circular"))
    by_scipy = float(stats.circstd(phase_deg, high=360))
    around = float(stats.circmean(phase_deg, high=360))
    from_mean = (phase_deg - around + 180) % 360 - 180
    seen.append([np.degrees(float(sd)), np.degrees(other), by_scipy])
    radians, circular = seen[-1][:2]
    rms = np.sqrt((from_mean**2).mean())
    print(f"drawn with an SD of {sd_deg} degrees: astropy has the mean {mean:.1f} and an SD of")
    print(f"   {float(sd):.3f} without a unit, which is {radians:.1f} degrees; with circular"
          f" {circular:.1f}; scipy {around:.1f} and {by_scipy:.1f}; root mean square {rms:.1f}")
gaps = [angular - by_scipy for angular, _, by_scipy in seen]
still = units == {("deg", "")} and np.allclose([each[1] - each[2] for each in seen], 0)
if not (still and abs(gaps[0]) < 0.2 and -6 < gaps[1] < -2 and gaps[2] < -8):
    raise SystemExit(f"changed: {seen} {units}")
PYTHON
