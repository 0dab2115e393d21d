// Counts in memory, sampled trilinearly from the original voxels wherever a view lies.

export class Volume {
  constructor(counts, shape, patientFromIndex) {
    this.counts = counts;
    this.shape = shape;
    this.indexFromPatient = inverted(patientFromIndex);
  }

  index(point) {
    return this.indexFromPatient.map((row) => row[0] * point[0] + row[1] * point[1] + row[2] * point[2] + row[3]);
  }

  direction(vector) {
    return this.indexFromPatient.map((row) => row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2]);
  }

  // Counts on a plane: its first pixel's centre and the steps of a pixel to the right and down, LPS mm.
  plane(first, right, down, width, height, target = new Float32Array(width * height)) {
    const [slices, rows, columns] = this.shape, counts = this.counts;
    const [s0, r0, c0] = this.index(first);
    const [sx, rx, cx] = this.direction(right), [sy, ry, cy] = this.direction(down);
    const area = rows * columns;
    for (let j = 0, place = 0; j < height; j++) {
      for (let i = 0; i < width; i++, place++) {
        const s = s0 + i * sx + j * sy, r = r0 + i * rx + j * ry, c = c0 + i * cx + j * cy;
        // As in the package: zero beyond the centres of the outermost voxels.
        if (s < 0 || r < 0 || c < 0 || s > slices - 1 || r > rows - 1 || c > columns - 1) {
          target[place] = 0;
          continue;
        }
        const is = Math.min(s | 0, slices - 2), ir = Math.min(r | 0, rows - 2), ic = Math.min(c | 0, columns - 2);
        const fs = s - is, fr = r - ir, fc = c - ic;
        const at = is * area + ir * columns + ic;
        const near = mixed(counts, at, columns, fr, fc);
        target[place] = near + fs * (mixed(counts, at + area, columns, fr, fc) - near);
      }
    }
    return target;
  }
}

function mixed(counts, at, columns, fr, fc) {
  const above = counts[at] + fc * (counts[at + 1] - counts[at]);
  const below = counts[at + columns] + fc * (counts[at + columns + 1] - counts[at + columns]);
  return above + fr * (below - above);
}

function inverted(affine) {
  const [[a, b, c, x], [d, e, f, y], [g, h, i, z]] = affine;
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const m = [
    [(e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det],
    [(f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det],
    [(d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det],
  ];
  return m.map((row) => [...row, -(row[0] * x + row[1] * y + row[2] * z)]);
}
