#!/bin/sh
# Tool: @cornerstonejs/calculate-suv 1.1.0 (npm), which viewers built on Cornerstone use.
# Guess: of a series with Decay Correction ADMIN, corrected to the time of injection, SUV takes the
#   dose as it was injected; with START, corrected to the start of the scan, the dose decayed
#   until then. The library takes the attribute, and checks that all slices agree on it.
# Happens: it has no effect. ADMIN gets the factor of START, so decay is corrected twice. An offset
#   from UTC in Radiopharmaceutical Start DateTime has none either: one instant, written with
#   +0000 and with +0100, gives a number and an error.
# Matters: 150 s after rubidium-82 was given every SUV is 3.9 times too high, an hour after
#   fluorine-18 1.5 times, and the picture looks the same.
# ShortAxis: computes no SUV from a dose; slices stay in the units of the study.
# Needs: Node.js 18 or later with npm, instead of Python.
# Checked: 2026-11-30

set -eu
command -v node > /dev/null && command -v npm > /dev/null \
    || { echo "cannot run: no node or no npm" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund @cornerstonejs/calculate-suv@1.1.0 \
    || { echo "cannot run: npm could not install this version" >&2; exit 2; }
cat > seen.cjs <<'JAVASCRIPT'
const { calculateSUVScalingFactors } = require("@cornerstonejs/calculate-suv");

const DOSE_BQ = 1e9;
const HALF_LIFE_S = 76.2;
const WEIGHT_KG = 80;
const slice = {
  CorrectedImage: ["ATTN", "DECY"], Units: "BQML", PatientWeight: WEIGHT_KG, PatientSex: "M",
  PatientSize: 1.8, RadionuclideHalfLife: HALF_LIFE_S, RadionuclideTotalDose: DOSE_BQ,
  RadiopharmaceuticalStartTime: "100000", SeriesDate: "20200102", SeriesTime: "100230",
  AcquisitionDate: "20200102", AcquisitionTime: "100230",
};

function suvOf100kBqPerMl(more) {
  try {
    return 1e5 * calculateSUVScalingFactors([{ ...slice, ...more }])[0].suvbw;
  } catch (problem) {
    return problem.message;
  }
}

const injected = (1e5 * WEIGHT_KG * 1000) / DOSE_BQ;
const expected = { ADMIN: injected, START: injected * 2 ** (150 / HALF_LIFE_S) };
const told = {};
for (const DecayCorrection of ["ADMIN", "START"]) {
  told[DecayCorrection] = suvOf100kBqPerMl({ DecayCorrection });
  console.log(`${DecayCorrection}: SUV ${told[DecayCorrection].toFixed(2)},`,
    `by definition ${expected[DecayCorrection].toFixed(2)}`);
}
const instants = ["20200102100000+0000", "20200102110000+0100"];
const seen = instants.map((instant) =>
  suvOf100kBqPerMl({ DecayCorrection: "START", RadiopharmaceuticalStartDateTime: instant }));
instants.forEach((instant, index) => console.log(`injected ${instant}: ${seen[index]}`));
const still = told.ADMIN === told.START && Math.abs(told.START / expected.START - 1) < 1e-6 &&
  typeof seen[0] === "number" && typeof seen[1] === "string";
if (!still) {
  console.log("changed");
  process.exit(1);
}
JAVASCRIPT
node seen.cjs
