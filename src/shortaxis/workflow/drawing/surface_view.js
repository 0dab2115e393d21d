// The wall in three dimensions, turned by the pointer or the arrow keys: plain WebGL, and painted
// triangle by triangle where there is none. It is read by the report and by the review page.

const VERTEX = `attribute vec3 place; attribute vec3 normal; attribute vec3 colour;
uniform mat3 turn; uniform float scale; varying vec3 seen;
void main() {
  vec3 at = turn * place;
  float light = 0.45 + 0.55 * abs((turn * normal).z);
  seen = colour * light;
  gl_Position = vec4(at.xy * scale, -at.z * scale * 0.5, 1.0);
}`;
const FRAGMENT = "precision mediump float; varying vec3 seen; void main() { gl_FragColor = vec4(seen, 1.0); }";

// Screen right, up and towards the viewer, for turns about the long axis and about the screen's right.
export function turnOf(yaw, pitch) {
  const [c, s, d, t] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  // Cardiac x is lateral, y inferior, z towards the base, which is up; without a turn the viewer looks
  // from the anterior side.
  return [[c, s, 0], [s * t, -c * t, d], [s * d, -c * d, -t]];
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// A surface: { points: [[x, y, z]], triangles: [[a, b, c]], uptake: [percent] }; `colours` gives [r, g, b],
// 0 to 255, of a part. Returns what shows another surface, moves its points, or turns it.
export function surfaceView(canvas, colours) {
  const view = { yaw: 0, pitch: 0.25, surface: null, isWebGl: false };
  const gl = canvas.getContext("webgl", { antialias: true, preserveDrawingBuffer: true });
  view.isWebGl = Boolean(gl);
  const draw = gl ? glPainter(gl) : flatPainter(canvas.getContext("2d"));
  view.draw = () => { if (view.surface) draw(view.surface, turnOf(view.yaw, view.pitch)); };
  view.show = (surface) => { view.surface = prepared(surface, colours); view.draw(); };
  view.move = (points) => { view.surface = placed(view.surface, points); view.draw(); };
  view.turn = (yaw, pitch) => {
    Object.assign(view, { yaw, pitch: Math.max(-1.57, Math.min(1.57, pitch)) });
    view.draw();
  };
  wire(canvas, view);
  return view;
}

function wire(canvas, view) {
  let from = null;
  canvas.addEventListener("pointerdown", (event) => {
    from = [event.clientX, event.clientY, view.yaw, view.pitch];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (from) view.turn(from[2] - (event.clientX - from[0]) / 80, from[3] + (event.clientY - from[1]) / 80);
  });
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => { from = null; });
  canvas.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    view.turn(view.yaw + step[0] * 0.2, view.pitch + step[1] * 0.2);
    event.preventDefault();
    event.stopPropagation();
  });
}

function prepared({ points, triangles, uptake }, colours) {
  const middle = [0, 1, 2].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  const painted = uptake.map((value) => colours(Math.max(0, Math.min(1, value / 100))));
  const surface = placed({ triangles, middle, colours: painted }, points);
  surface.reach = Math.max(...surface.places.map((place) => Math.hypot(...place)), 1);
  return surface;
}

// The same surface with its points elsewhere; the middle of the view and its scale stay.
function placed(surface, points) {
  const { triangles, middle } = surface;
  const places = points.map((point) => point.map((value, axis) => value - middle[axis]));
  const normals = points.map(() => [0, 0, 0]);
  for (const [a, b, c] of triangles) {
    const [u, v] = [b, c].map((other) => places[other].map((value, axis) => value - places[a][axis]));
    const across = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    for (const corner of [a, b, c]) for (const axis of [0, 1, 2]) normals[corner][axis] += across[axis];
  }
  for (const normal of normals) {
    const length = Math.hypot(...normal) || 1;
    for (const axis of [0, 1, 2]) normal[axis] /= length;
  }
  return { ...surface, places, normals };
}

function glPainter(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.enable(gl.DEPTH_TEST);
  const buffers = { place: gl.createBuffer(), normal: gl.createBuffer(), colour: gl.createBuffer() }, index = gl.createBuffer();
  let loaded = null;
  return (surface, turn) => {
    if (loaded !== surface) {
      load(gl, program, buffers, index, surface);
      loaded = surface;
    }
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT + gl.DEPTH_BUFFER_BIT);
    // WebGL takes columns.
    gl.uniformMatrix3fv(gl.getUniformLocation(program, "turn"), false, [0, 1, 2].flatMap((column) => turn.map((row) => row[column])));
    gl.uniform1f(gl.getUniformLocation(program, "scale"), 0.95 / surface.reach);
    gl.drawElements(gl.TRIANGLES, surface.triangles.length * 3, gl.UNSIGNED_SHORT, 0);
  };
}

function load(gl, program, buffers, index, surface) {
  const values = { place: surface.places, normal: surface.normals, colour: surface.colours.map((colour) => colour.map((value) => value / 255)) };
  for (const [name, rows] of Object.entries(values)) {
    const at = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(rows.flat()), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, 3, gl.FLOAT, false, 0, 0);
  }
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, index);
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, new Uint16Array(surface.triangles.flat()), gl.STATIC_DRAW);
}

// The farthest triangles first; nearer ones are painted over them.
function flatPainter(context) {
  return ({ places, normals, triangles, colours, reach }, turn) => {
    const { width, height } = context.canvas, scale = (0.475 * Math.min(width, height)) / reach;
    const along = (row, at) => turn[row][0] * at[0] + turn[row][1] * at[1] + turn[row][2] * at[2];
    const seen = places.map((at) => [width / 2 + scale * along(0, at), height / 2 - scale * along(1, at), along(2, at)]);
    const depth = (corners) => seen[corners[0]][2] + seen[corners[1]][2] + seen[corners[2]][2];
    context.clearRect(0, 0, width, height);
    for (const corners of [...triangles].sort((one, other) => depth(one) - depth(other))) {
      const light = 0.45 + 0.55 * Math.abs(along(2, normals[corners[0]]));
      context.fillStyle = context.strokeStyle = `rgb(${colours[corners[0]].map((value) => Math.round(value * light)).join(" ")})`;
      context.beginPath();
      for (const corner of corners) context.lineTo(seen[corner][0], seen[corner][1]);
      context.closePath();
      context.fill();
      context.stroke();
    }
  };
}
