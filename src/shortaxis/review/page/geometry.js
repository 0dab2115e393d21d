// Poses and planes, LPS mm. A pose is { center: [x, y, z], axes: 3 x 3 whose columns are x_c, y_c, z_c }.

const RADIANS = Math.PI / 180;
// Columns (1, 0, 0), (0, 0, -1), (0, 1, 0): the long axis points straight anterior.
const AT_ZERO = [[1, 0, 0], [0, 0, 1], [0, -1, 0]];

export const add = (a, b, scale = 1) => a.map((value, i) => value + scale * b[i]);
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const norm = (a) => Math.hypot(...a);
export const unit = (a) => { const length = norm(a) || 1; return a.map((value) => value / length); };
export const cross = (a, b) => [
  a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0],
];
export const column = (matrix, number) => matrix.map((row) => row[number]);
export const multiply = (a, b) => a.map((row) => [0, 1, 2].map((j) => row[0] * b[0][j] + row[1] * b[1][j] + row[2] * b[2][j]));
const transposed = (a) => [0, 1, 2].map((i) => column(a, i));

// R = Rz(theta) Rx(alpha) Ry(beta) R0, degrees.
export function axesFromAngles({ alpha, beta, theta }) {
  const [a, b, t] = [alpha, beta, theta].map((value) => value * RADIANS);
  const aboutX = [[1, 0, 0], [0, Math.cos(a), -Math.sin(a)], [0, Math.sin(a), Math.cos(a)]];
  const aboutY = [[Math.cos(b), 0, Math.sin(b)], [0, 1, 0], [-Math.sin(b), 0, Math.cos(b)]];
  const aboutZ = [[Math.cos(t), -Math.sin(t), 0], [Math.sin(t), Math.cos(t), 0], [0, 0, 1]];
  return multiply(multiply(multiply(aboutZ, aboutX), aboutY), AT_ZERO);
}

export function anglesFromAxes(axes) {
  const e = multiply(axes, transposed(AT_ZERO));
  const cosine = Math.hypot(e[0][1], e[1][1]);
  const alpha = Math.atan2(e[2][1], cosine);
  const upright = cosine > 1e-9;
  const theta = upright ? Math.atan2(-e[0][1], e[1][1]) : Math.atan2(e[1][0], e[0][0]);
  const beta = upright ? Math.atan2(-e[2][0], e[2][2]) : 0;
  return { alpha: alpha / RADIANS, beta: beta / RADIANS, theta: theta / RADIANS };
}

// The turn about an axis through the origin, degrees (Rodrigues).
export function turnAbout(axis, degrees) {
  const [x, y, z] = unit(axis);
  const c = Math.cos(degrees * RADIANS), s = Math.sin(degrees * RADIANS), d = 1 - c;
  return [
    [c + x * x * d, x * y * d - z * s, x * z * d + y * s],
    [y * x * d + z * s, c + y * y * d, y * z * d - x * s],
    [z * x * d - y * s, z * y * d + x * s, c + z * z * d],
  ];
}

export const rotated = (vector, axis, degrees) => turnAbout(axis, degrees).map((row) => dot(row, vector));

// The least turn that lays the long axis along a direction towards the base.
export function withLongAxis(axes, towardsBase) {
  const from = column(axes, 2), to = unit(towardsBase);
  const axis = cross(from, to), sine = norm(axis);
  if (sine < 1e-9) return axes;
  return multiply(turnAbout(axis, Math.atan2(sine, dot(from, to)) / RADIANS), axes);
}

export const conventional = (pose) => ({
  center: pose.center, axes: axesFromAngles({ ...anglesFromAxes(pose.axes), beta: 0 }),
});

// The point of another heart that lies where this point lies in the one of the first pose.
export function carried(point, from, to) {
  const offset = add(point, from.center, -1), along = [0, 1, 2].map((j) => dot(offset, column(from.axes, j)));
  return to.center.map((value, i) => value + dot(to.axes[i], along));
}

export function angleBetween(a, b) {
  return Math.atan2(norm(cross(a, b)), dot(a, b)) / RADIANS;
}

// Direction on screen to the right and down, and of stacking, of the three standard views.
export function viewDirections(view, axes) {
  const [x, y, z] = [0, 1, 2].map((number) => column(axes, number));
  const minus = (a) => a.map((value) => -value);
  return {
    "short-axis": { right: x, down: y, stacking: z },
    vertical: { right: minus(z), down: y, stacking: x },
    horizontal: { right: x, down: z, stacking: minus(y) },
  }[view];
}

export const PATIENT_VIEWS = {
  transaxial: { right: [1, 0, 0], down: [0, 1, 0], letters: ["A", "P", "R", "L"] },
  coronal: { right: [1, 0, 0], down: [0, 0, -1], letters: ["H", "F", "R", "L"] },
  sagittal: { right: [0, 1, 0], down: [0, 0, -1], letters: ["H", "F", "A", "P"] },
};
