// Volumes on regular grids: counts [slice][row][column] and the affine from such an index to the
// patient, LPS mm, as three rows of four numbers.

export function spacingOf(affine) {
  return [0, 1, 2].map((j) => Math.hypot(...affine.map((row) => row[j])));
}

export function centerOf(volume) {
  const middle = volume.shape.map((n) => (n - 1) / 2);
  return volume.affine.map((row) => row[3] + middle.reduce((sum, m, j) => sum + m * row[j], 0));
}

function inverse3(m) {
  const [[a, b, c], [d, e, f], [g, h, i]] = m;
  const cofactors = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ];
  const determinant = a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0];
  return cofactors.map((row) => row.map((value) => value / determinant));
}

export function inverted(affine) {
  const turned = inverse3(affine.map((row) => row.slice(0, 3)));
  return turned.map((row) => [...row, -row.reduce((sum, v, j) => sum + v * affine[j][3], 0)]);
}

export function multiplied(first, second) {
  return first.map((row) =>
    [0, 1, 2, 3].map(
      (j) => row[0] * second[0][j] + row[1] * second[1][j] + row[2] * second[2][j] + (j === 3 ? row[3] : 0),
    ),
  );
}

const isWithin = (place, length) => place >= 0 && place <= length - 1;
const lowerOf = (place, length) => Math.min(Math.floor(place), Math.max(length - 2, 0));
const mixed = (low, high, part) => low * (1 - part) + high * part;

// Trilinear; nothing beyond the centres of the outermost voxels. Called a million times for the
// first slices, before a browser has compiled it: it makes no array and no function.
function sampledAt(counts, shape, z, y, x) {
  const n0 = shape[0];
  const n1 = shape[1];
  const n2 = shape[2];
  if (!(isWithin(z, n0) && isWithin(y, n1) && isWithin(x, n2))) {
    return 0;
  }
  const z0 = lowerOf(z, n0);
  const y0 = lowerOf(y, n1);
  const x0 = lowerOf(x, n2);
  const up = n0 > 1 ? n1 * n2 : 0;
  const down = n1 > 1 ? n2 : 0;
  const along = n2 > 1 ? 1 : 0;
  const at = (z0 * n1 + y0) * n2 + x0;
  const dx = x - x0;
  const first = mixed(counts[at], counts[at + along], dx);
  const second = mixed(counts[at + down], counts[at + down + along], dx);
  const third = mixed(counts[at + up], counts[at + up + along], dx);
  const fourth = mixed(counts[at + up + down], counts[at + up + down + along], dx);
  return mixed(mixed(first, second, y - y0), mixed(third, fourth, y - y0), z - z0);
}

export function resampled(volume, affine, shape) {
  const [alongZ, alongY, alongX] = multiplied(inverted(volume.affine), affine);
  const counts = new Float32Array(shape[0] * shape[1] * shape[2]);
  const placed = (row, i, j, k) => row[0] * i + row[1] * j + row[2] * k + row[3];
  let at = 0;
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++, at++) {
        const z = placed(alongZ, i, j, k);
        const y = placed(alongY, i, j, k);
        const x = placed(alongX, i, j, k);
        counts[at] = sampledAt(volume.counts, volume.shape, z, y, x);
      }
    }
  }
  return counts;
}

const TRUNCATE = 2.5;

function weightsOf(sigma) {
  const reach = Math.floor(TRUNCATE * sigma + 0.5);
  const weights = [];
  for (let x = -reach; x <= reach; x++) {
    weights.push(sigma > 0 ? Math.exp((-0.5 * x * x) / (sigma * sigma)) : 1);
  }
  const total = weights.reduce((sum, value) => sum + value, 0);
  return { reach, weights: weights.map((value) => value / total) };
}

// A Gaussian in voxels of each axis; nothing beyond the edges.
export function smoothed(volume, sigmas) {
  const strides = [volume.shape[1] * volume.shape[2], volume.shape[2], 1];
  let counts = volume.counts;
  sigmas.forEach((sigma, axis) => {
    const { reach, weights } = weightsOf(sigma);
    if (reach === 0) {
      return;
    }
    const next = new Float32Array(counts.length);
    const [stride, length] = [strides[axis], volume.shape[axis]];
    for (let at = 0; at < counts.length; at++) {
      const place = Math.floor(at / stride) % length;
      let sum = 0;
      for (let x = Math.max(-reach, -place); x <= Math.min(reach, length - 1 - place); x++) {
        sum += weights[x + reach] * counts[at + x * stride];
      }
      next[at] = sum;
    }
    counts = next;
  });
  return { ...volume, counts };
}
