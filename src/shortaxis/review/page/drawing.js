// Slices and marks on canvases.

import { PATIENT_VIEWS, add, column, cross, dot, viewDirections } from "./geometry.js";
import { paint } from "./colours.js";
import { drawWall } from "./wall_lines.js";

export const PATIENT_MM = 240;
const TILE_MM = 150;
const ROWS = {
  "short-axis": { tiles: 10, letters: ["A", "I", "S", "L"] },
  vertical: { tiles: 5, letters: ["A", "I", "", ""] },
  horizontal: { tiles: 5, letters: ["", "", "S", "L"] },
};

export function drawPlane(context, volume, box, plane, display) {
  const { width, height, left, top } = box;
  const picture = context.createImageData(width, height);
  const counts = volume.plane(plane.first, plane.right, plane.down, width, height);
  paint(counts, new Uint32Array(picture.data.buffer), display.low, display.high, display.colours);
  context.putImageData(picture, left, top);
}

// The plane of a view through a point; its field stays where it is, so that what is dragged moves.
export function patientPlane(name, field, through, size) {
  const { right, down } = PATIENT_VIEWS[name], step = PATIENT_MM / size, half = ((size - 1) / 2) * step;
  const normal = cross(right, down);
  const middle = add(field, normal, dot(add(through, field, -1), normal));
  return {
    first: add(add(middle, right, -half), down, -half),
    right: right.map((value) => value * step), down: down.map((value) => value * step), step,
  };
}

// Where the tiles of a row lie, mm: short-axis ones from the apex, long-axis ones from the long axis. The first is
// the most apical, septal or inferior one.
export function placesOf(view, lengthMm, radiusMm) {
  const count = ROWS[view].tiles, isShort = view === "short-axis";
  const [from, to] = isShort ? [3, lengthMm - 3] : [-radiusMm * 0.9, radiusMm * 0.9];
  return Array.from({ length: count }, (_, number) => from + ((to - from) * number) / (count - 1));
}

// The plane of the tile at a place, mm.
export function tilePlane(view, pose, lengthMm, size, place) {
  const { right, down, stacking } = viewDirections(view, pose.axes);
  const step = TILE_MM / size, half = ((size - 1) / 2) * step, along = view === "short-axis" ? place - lengthMm / 2 : place;
  const middle = add(pose.center, stacking, along);
  return {
    first: add(add(middle, right, -half), down, -half),
    right: right.map((value) => value * step), down: down.map((value) => value * step), step, along,
  };
}

export function tilePlanes(view, pose, lengthMm, radiusMm, size, places = placesOf(view, lengthMm, radiusMm)) {
  return places.map((place) => tilePlane(view, pose, lengthMm, size, place));
}

// Of a pixel of a row, mm.
export const tileStep = (canvas) => TILE_MM / canvas.height;

// Where the tiles of a row lie on its canvas, pixels; each shows the middle of its plane.
export function tileBoxes(canvas, view) {
  const size = canvas.height, count = ROWS[view].tiles, pitch = Math.floor(canvas.width / count);
  const width = Math.min(size, pitch - 2);
  return { size, pitch, width, inset: (size - width) / 2 };
}

// `places` are those of another exam, so that tiles below each other show the same distance from either apex.
export function drawRow(canvas, view, volume, pose, extent, display, { point = null, wall = null, isCorrected = false, places } = {}) {
  const context = canvas.getContext("2d"), { size, pitch, width, inset } = tileBoxes(canvas, view);
  const shown = places ?? placesOf(view, extent.length_mm, extent.radius_mm);
  const planes = tilePlanes(view, pose, extent.length_mm, extent.radius_mm, size, shown);
  const nearest = point && nearestPlane(planes, pose, viewDirections(view, pose.axes).stacking, point);
  planes.forEach((plane, number) => {
    const shifted = { ...plane, first: add(plane.first, plane.right, inset) };
    const box = { left: number * pitch, top: 0, width, height: size };
    drawPlane(context, volume, box, shifted, display);
    if (wall) drawWall(context, box, shifted, wall, isCorrected);
    drawMiddle(context, box, view, extent.length_mm / plane.step, number === Math.floor(planes.length / 2));
    if (point) drawCross(context, box, onPlane(shifted, point), number === nearest);
    placeLabel(context, box, shown[number], display.ink);
  });
  letters(context, ROWS[view].letters, 0, 0, width, size, display.ink);
}

// Where the long axis is: through the middle of a short-axis slice, along the middle long-axis one.
function drawMiddle(context, { left, width, height }, view, length, isMiddle) {
  const x = left + width / 2, y = height / 2, [toApex, reach] = [length / 2, 4];
  context.strokeStyle = context.fillStyle = "rgb(53 208 255 / 70%)";
  context.lineWidth = 1;
  if (view === "short-axis") {
    line(context, [x - reach, y], [x + reach, y]);
    line(context, [x, y - reach], [x, y + reach]);
  } else if (isMiddle) {
    const end = (part) => (view === "vertical" ? [x + part * toApex, y] : [x, y - part * toApex]);
    line(context, end(1), end(-1));
    disc(context, end(1), 2.5, "#ffdf3d", true);
  }
}

function placeLabel(context, { left, top, width, height }, place, ink) {
  context.fillStyle = ink;
  context.font = "10px system-ui, sans-serif";
  context.textAlign = "right";
  context.textBaseline = "alphabetic";
  context.fillText(`${Math.round(place)} mm`, left + width - 3, top + height - 3);
}

// One tile of a row on a canvas of its own, at any place.
export function drawTile(canvas, view, volume, pose, extent, place, display, { point = null, wall = null } = {}) {
  const context = canvas.getContext("2d"), size = canvas.width, box = { left: 0, top: 0, width: size, height: size };
  const plane = tilePlane(view, pose, extent.length_mm, size, place);
  drawPlane(context, volume, box, plane, display);
  if (wall) drawWall(context, box, plane, wall, false);
  drawMiddle(context, box, view, extent.length_mm / plane.step, Math.abs(place) < 1);
  if (point) drawCross(context, box, onPlane(plane, point), true);
  letters(context, ROWS[view].letters, 0, 0, size, size, display.ink);
  placeLabel(context, box, place, display.ink);
}

function nearestPlane(planes, pose, stacking, point) {
  const along = dot(add(point, pose.center, -1), stacking);
  const distance = (plane) => Math.abs(plane.along - along);
  return planes.indexOf(planes.reduce((best, plane) => (distance(plane) < distance(best) ? plane : best)));
}

// The plane of the tile under a place on the canvas of a row, and where the tile begins there.
export function planeOfRow(canvas, view, pose, extent, [x]) {
  const { size, pitch, inset } = tileBoxes(canvas, view);
  const planes = tilePlanes(view, pose, extent.length_mm, extent.radius_mm, size);
  const number = Math.max(0, Math.min(planes.length - 1, Math.floor(x / pitch))), plane = planes[number];
  return { plane: { ...plane, first: add(plane.first, plane.right, inset) }, left: number * pitch };
}

// The point of a plane's tile under a place on the canvas of a row, LPS mm.
export function pointOfRow(canvas, view, pose, extent, [x, y]) {
  const { plane, left } = planeOfRow(canvas, view, pose, extent, [x, y]);
  return add(add(plane.first, plane.right, x - left), plane.down, y);
}

// Pixels to the right and down from the first one of a plane.
function onPlane({ first, right, down, step }, point) {
  const from = add(point, first, -1);
  return [dot(from, right) / step ** 2, dot(from, down) / step ** 2];
}

function drawCross(context, { left, top, width, height }, [x, y], isHere) {
  if (x < 0 || y < 0 || x > width || y > height) return;
  context.strokeStyle = isHere ? "#7dff8a" : "rgb(125 255 138 / 28%)";
  context.lineWidth = 1;
  line(context, [left + x, top], [left + x, top + height]);
  line(context, [left, top + y], [left + width, top + y]);
}

// A scene: pose, extent, cone in degrees, field (the middle of the views) and point (the crosshair), LPS mm.
export function drawPatientView(canvas, name, volume, scene, display) {
  const context = canvas.getContext("2d"), size = canvas.width, { pose, extent, field, point, wall } = scene;
  const plane = patientPlane(name, field, point ?? pose.center, size);
  const box = { left: 0, top: 0, width: size, height: size };
  drawPlane(context, volume, box, plane, display);
  if (wall) drawWall(context, box, plane, wall, false);
  if (point) drawCross(context, box, onPlane(plane, point), true);
  letters(context, PATIENT_VIEWS[name].letters, 0, 0, size, size, display.ink);
  const marks = handles(name, pose, extent, size, field);
  context.lineWidth = 1.5;
  if (scene.cone) cone(context, marks, scene.cone);
  context.strokeStyle = "#35d0ff";
  line(context, marks.apex, marks.base);
  disc(context, marks.center, 7, "#35d0ff", false);
  disc(context, marks.apex, 6, "#ffdf3d", true);
  context.fillStyle = "#35d0ff";
  context.fillRect(marks.base[0] - 5, marks.base[1] - 5, 10, 10);
}

// Where centre, apex and base lie on a canvas whose middle is the field, pixels.
export function handles(name, pose, extent, size, field) {
  const { right, down } = PATIENT_VIEWS[name], scale = size / PATIENT_MM, half = (size - 1) / 2;
  const axis = column(pose.axes, 2), reach = extent.length_mm / 2, offset = add(pose.center, field, -1);
  const place = (along) => [right, down].map((side) => half + dot(add(offset, axis, along), side) * scale);
  return { center: place(0), apex: place(-reach), base: place(reach) };
}

// The point under a place on the canvas of a view through a point, LPS mm.
export function pointOfView(name, field, through, size, [x, y]) {
  const { first, right, down } = patientPlane(name, field, through, size);
  return add(add(first, right, x), down, y);
}

function cone(context, { center, apex }, degrees) {
  const [x, y] = [apex[0] - center[0], apex[1] - center[1]];
  context.strokeStyle = "rgb(53 208 255 / 55%)";
  context.setLineDash([4, 4]);
  for (const turn of [-degrees, degrees]) {
    const angle = (turn * Math.PI) / 180, c = Math.cos(angle), s = Math.sin(angle);
    line(context, center, [center[0] + c * x - s * y, center[1] + s * x + c * y]);
  }
  context.setLineDash([]);
}

function line(context, from, to) {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

function disc(context, [x, y], radius, colour, filled) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = context.fillStyle = colour;
  if (filled) context.fill(); else context.stroke();
}

export function letters(context, [above, below, before, after], left, top, width, height, ink) {
  context.fillStyle = ink;
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(above, left + width / 2, top + 9);
  context.fillText(below, left + width / 2, top + height - 8);
  context.fillText(before, left + 8, top + height / 2);
  context.fillText(after, left + width - 8, top + height / 2);
}
