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

// The two voxels around a place on one axis, and the part of the second.
function between(place, length) {
  const low = Math.min(Math.floor(place), Math.max(length - 2, 0));
  return [low, Math.min(low + 1, length - 1), place - low];
}

const isWithin = (place, length) => place >= 0 && place <= length - 1;

// Trilinear; nothing beyond the centres of the outermost voxels.
function sampledAt(volume, z, y, x) {
  const [n0, n1, n2] = volume.shape;
  if (!(isWithin(z, n0) && isWithin(y, n1) && isWithin(x, n2))) {
    return 0;
  }
  const [z0, z1, dz] = between(z, n0);
  const [y0, y1, dy] = between(y, n1);
  const [x0, x1, dx] = between(x, n2);
  const line = (slice, row) => {
    const start = (slice * n1 + row) * n2;
    return volume.counts[start + x0] * (1 - dx) + volume.counts[start + x1] * dx;
  };
  const plane = (slice) => line(slice, y0) * (1 - dy) + line(slice, y1) * dy;
  return plane(z0) * (1 - dz) + plane(z1) * dz;
}

export function resampled(volume, affine, shape) {
  const m = multiplied(inverted(volume.affine), affine);
  const counts = new Float32Array(shape[0] * shape[1] * shape[2]);
  let at = 0;
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++, at++) {
        const [z, y, x] = m.map((row) => row[0] * i + row[1] * j + row[2] * k + row[3]);
        counts[at] = sampledAt(volume, z, y, x);
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
