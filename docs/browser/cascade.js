// The cascade of networks, as shortaxis.reorientation.network_cascade has it in Python.

import { centerOf, multiplied, resampled, smoothed, spacingOf } from "./volumes.js";

const SMOOTHING = 0.4;
const LEVEL_PART = 0.02;
const MAX_INPUT = 2;
const UNSEEN_MM = 45;
const MAX_STEPS = 4;
const TOLERANCE = { deg: 8, mm: 6 };
const PERTURBED = [
  [[7, 4, 4], [-3, 1.5, 1.5]],
  [[-4, -7, 4], [1.5, 3, -3]],
  [[-3, 3, -8], [1.5, -4.5, 1.5]],
].map(([deg, mm]) => posed(turnAbout(deg.map((each) => (each * Math.PI) / 180)), mm));

function posed(rotation, center) {
  return rotation.map((row, i) => [...row, center[i]]);
}

function turnAbout(turn) {
  const angle = Math.hypot(...turn);
  const scale = angle === 0 ? 0.5 : Math.sin(angle / 2) / angle;
  const [x, y, z] = turn.map((each) => each * scale);
  const w = Math.cos(angle / 2);
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
    [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
    [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
  ];
}

function cross(a, b) {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

// The nearest rotation, by Newton's iteration for the polar factor (Higham 1986).
function nearestRotation(matrix) {
  let m = matrix;
  for (let step = 0; step < 30; step++) {
    const [a, b, c] = m;
    const cofactors = [cross(b, c), cross(c, a), cross(a, b)];
    const determinant = a[0] * cofactors[0][0] + a[1] * cofactors[0][1] + a[2] * cofactors[0][2];
    m = m.map((row, i) => row.map((value, j) => 0.5 * (value + cofactors[i][j] / determinant)));
  }
  return m;
}

const rotationOf = (pose) => pose.map((row) => row.slice(0, 3));
const placeOf = (pose) => pose.map((row) => row[3]);

export function angleDeg(first, second) {
  let trace = 0;
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      trace += first[i][j] * second[i][j];
    }
  }
  return (Math.acos(Math.max(-1, Math.min(1, (trace - 1) / 2))) * 180) / Math.PI;
}

function meanPose(poses) {
  const mean = [0, 1, 2].map((i) =>
    [0, 1, 2, 3].map((j) => poses.reduce((sum, pose) => sum + pose[i][j], 0) / poses.length),
  );
  return posed(nearestRotation(rotationOf(mean)), placeOf(mean));
}

function smoothedFor(volume, spacing) {
  const sigmas = spacingOf(volume.affine).map(
    (mm) => Math.sqrt(Math.max((SMOOTHING * spacing) ** 2 - (SMOOTHING * mm) ** 2, 0)) / mm,
  );
  return sigmas.every((sigma) => sigma < 0.1) ? volume : smoothed(volume, sigmas);
}

function insideSphere(counts, grid) {
  const { size, spacing_mm: mm, level_radius_mm: radius } = grid;
  const squares = Float64Array.from({ length: size }, (_, i) => ((i - (size - 1) / 2) * mm) ** 2);
  const inside = new Float32Array(counts.length);
  let [found, at] = [0, 0];
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let k = 0; k < size; k++, at++) {
        if (squares[i] + squares[j] + squares[k] <= radius * radius) {
          inside[found++] = counts[at];
        }
      }
    }
  }
  return inside.subarray(0, found);
}

function normalised(counts, grid) {
  // An array of numbers of one kind is sorted as numbers, without a function that compares.
  const inside = insideSphere(counts, grid).sort();
  const hottest = Math.max(Math.floor(LEVEL_PART * inside.length), 1);
  const level = inside.subarray(-hottest).reduceRight((sum, value) => sum + value, 0) / hottest;
  if (!(level > 0)) {
    return new Float32Array(counts.length);
  }
  return counts.map((value) => Math.min(Math.max(value / level, 0), MAX_INPUT));
}

// What a network makes of an empty volume.
export function estimatedOfNothing(ort, block) {
  const affine = posed([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0, 0, 0]);
  const nothing = { counts: new Float32Array(8), shape: [2, 2, 2], affine };
  return estimated(ort, block, nothing, [affine]);
}

// A block is { session, grid }: an ONNX session, and the grid that it is shown.
async function estimated(ort, block, volume, frames) {
  const { size, spacing_mm: mm } = block.grid;
  const half = (-mm * (size - 1)) / 2;
  const grid = [[0, 0, mm, half], [0, mm, 0, half], [mm, 0, 0, half]];
  const length = size ** 3;
  const crops = new Float32Array(frames.length * length);
  frames.forEach((frame, n) => {
    const counts = resampled(volume, multiplied(frame, grid), [size, size, size]);
    crops.set(normalised(counts, block.grid), n * length);
  });
  const given = new ort.Tensor("float32", crops, [frames.length, 1, size, size, size]);
  const found = await block.session.run({ [block.session.inputNames[0]]: given });
  return frames.map((frame, n) => {
    const r = Array.from(found.rotation.data.slice(9 * n, 9 * n + 9));
    const rotation = nearestRotation([r.slice(0, 3), r.slice(3, 6), r.slice(6, 9)]);
    const center = Array.from(found.center_mm.data.slice(3 * n, 3 * n + 3));
    return {
      pose: multiplied(frame, posed(rotation, center)),
      presence: Number(found.presence.data[n]),
    };
  });
}

function windows(volume, grid, unseen) {
  const extent = volume.affine.map(
    (row) => volume.shape.reduce((sum, n, j) => sum + Math.abs(row[j]) * (n - 1), 0) - 2 * unseen,
  );
  const window = grid.size * grid.spacing_mm;
  const places = centerOf(volume).map((middle, axis) => {
    const beyond = extent[axis] - window;
    if (beyond <= 0) {
      return [middle];
    }
    const count = Math.ceil(beyond / (window / 2)) + 1;
    return Array.from({ length: count }, (_, n) => middle - beyond / 2 + (beyond * n) / (count - 1));
  });
  const identity = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  return places[0].flatMap((x) =>
    places[1].flatMap((y) => places[2].map((z) => posed(identity, [x, y, z]))),
  );
}

const likeliest = (estimates) => estimates.reduce((a, b) => (b.presence > a.presence ? b : a));

async function refined(ort, refiner, fine, start) {
  let pose = start;
  for (let step = 0; step < MAX_STEPS; step++) {
    const last = pose;
    [{ pose }] = await estimated(ort, refiner, fine, [pose]);
    const shift = Math.hypot(...placeOf(pose).map((value, i) => value - last[i][3]));
    if (angleDeg(last, pose) < TOLERANCE.deg && shift < TOLERANCE.mm) {
      break;
    }
  }
  const starts = PERTURBED.map((each) => multiplied(pose, each));
  const estimates = await estimated(ort, refiner, fine, starts);
  const presence = estimates.reduce((sum, each) => sum + each.presence, 0) / estimates.length;
  return { pose: meanPose(estimates.map((each) => each.pose)), presence };
}

// A volume as the two networks are shown it. Needs their grids alone, not the networks.
export function prepared(volume, { localiser, refiner }) {
  const positive = { ...volume, counts: volume.counts.map((value) => Math.max(value, 0)) };
  return {
    coarse: smoothedFor(positive, localiser.grid.spacing_mm),
    fine: smoothedFor(positive, refiner.grid.spacing_mm),
  };
}

// Pose of the left ventricle: three rows of four, from cardiac to patient coordinates, mm.
export async function findPose(ort, networks, { coarse, fine }) {
  const { localiser, refiner, presence } = networks;
  const from = async (frames) => {
    let starts = (await estimated(ort, localiser, coarse, frames)).map((each) => each.pose);
    if (starts.length > 1) {
      starts = [likeliest(await estimated(ort, refiner, fine, starts)).pose];
    }
    return refined(ort, refiner, fine, starts[0]);
  };
  const middle = windows(coarse, localiser.grid, UNSEEN_MM);
  const found = await from(middle);
  const everywhere = windows(coarse, localiser.grid, 0);
  if (found.presence >= presence.searched_on_below || everywhere.length === middle.length) {
    return found;
  }
  return likeliest([found, await from(everywhere)]);
}
