// The wall on pictures: surfaces of triangles, cut by the plane of each.

import { add, cross, dot } from "./geometry.js";

const COLOURS = { middle: "#35d0ff", endocardium: "#35d0ff", epicardium: "#7dff8a", valve_plane: "#ffffff" };
const MASK_COLOUR = "#ff9d00", HANDLE_PIXELS = 9, END_PART = 0.3;

// Pixels to the right and down from the first one of a plane, and mm above it.
function onPlane({ first, right, down, step }, normal, point) {
  const from = add(point, first, -1);
  return [dot(from, right) / step ** 2, dot(from, down) / step ** 2, dot(from, normal)];
}

const normalOf = ({ right, down, step }) => cross(right, down).map((value) => value / step ** 2);

// Where a surface meets a plane: pairs of pixels.
export function segmentsOf({ points, triangles }, plane) {
  const normal = normalOf(plane), seen = points.map((point) => onPlane(plane, normal, point)), found = [];
  const crossing = (one, other) => {
    const part = seen[one][2] / (seen[one][2] - seen[other][2]);
    return [0, 1].map((axis) => seen[one][axis] + part * (seen[other][axis] - seen[one][axis]));
  };
  for (const [a, b, c] of triangles) {
    const ends = [[a, b], [b, c], [c, a]].filter(([one, other]) => (seen[one][2] > 0) !== (seen[other][2] > 0));
    if (ends.length === 2) found.push(ends.map(([one, other]) => crossing(one, other)));
  }
  return found;
}

export function drawWall(context, box, plane, wall, isCorrected) {
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  context.translate(box.left, box.top);
  context.lineWidth = 1;
  for (const [name, surface] of Object.entries(wall.lines)) {
    context.strokeStyle = COLOURS[name];
    context.beginPath();
    for (const [from, to] of segmentsOf(surface, plane)) {
      context.moveTo(...from);
      context.lineTo(...to);
    }
    context.stroke();
  }
  for (const ball of wall.hand?.neighbours ?? []) drawBall(context, plane, ball);
  if (isCorrected) drawHandles(context, plane, wall);
  context.restore();
}

function drawBall(context, plane, { center_mm: center, radius_mm: radius }) {
  const [x, y, away] = onPlane(plane, normalOf(plane), center);
  if (Math.abs(away) >= radius) return;
  context.strokeStyle = MASK_COLOUR;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.arc(x, y, Math.sqrt(radius ** 2 - away ** 2) / plane.step, 0, 2 * Math.PI);
  context.stroke();
  context.setLineDash([]);
}

// The line of the valve plane on a picture, from end to end; nothing where it is not met.
export function valveLine(wall, plane) {
  const ends = segmentsOf(wall.lines.valve_plane, plane).flat();
  if (!ends.length) return null;
  const far = ([x, y]) => ends.reduce((best, end) => (Math.hypot(end[0] - x, end[1] - y) > Math.hypot(best[0] - x, best[1] - y) ? end : best));
  const one = far(ends[0]);
  return [one, far(one)];
}

export function apexPlace(wall, plane) {
  const [x, y, away] = onPlane(plane, normalOf(plane), wall.apex_mm);
  return Math.abs(away) < 8 ? [x, y] : null;
}

function drawHandles(context, plane, wall) {
  context.fillStyle = "#ffdf3d";
  for (const [x, y] of valveLine(wall, plane) ?? []) context.fillRect(x - 3, y - 3, 6, 6);
  const apex = apexPlace(wall, plane);
  if (!apex) return;
  context.beginPath();
  context.arc(...apex, 3.5, 0, 2 * Math.PI);
  context.fill();
}

const apart = (one, other) => Math.hypot(one[0] - other[0], one[1] - other[1]);

function apartFromLine([from, to], place) {
  const [u, v] = [to[0] - from[0], to[1] - from[1]], length = u * u + v * v || 1;
  const part = Math.max(0, Math.min(1, ((place[0] - from[0]) * u + (place[1] - from[1]) * v) / length));
  return apart([from[0] + part * u, from[1] + part * v], place);
}

// What of the wall lies under a place of a picture: apex, an end or the middle of the valve plane, or a surface.
export function grabbed(wall, plane, place) {
  const apex = apexPlace(wall, plane), line = valveLine(wall, plane);
  if (apex && apart(apex, place) < HANDLE_PIXELS) return { kind: "apex" };
  if (line && apartFromLine(line, place) < HANDLE_PIXELS) {
    const [one, other] = line, part = apart(one, place) / (apart(one, other) || 1);
    if (part < END_PART) return { kind: "tilt", pivot: other };
    return part > 1 - END_PART ? { kind: "tilt", pivot: one } : { kind: "valve" };
  }
  const near = Object.entries(wall.lines).filter(([name]) => name !== "valve_plane").map(([name, surface]) => [
    name, Math.min(HANDLE_PIXELS, ...segmentsOf(surface, plane).map((segment) => apartFromLine(segment, place))),
  ]).sort((one, other) => one[1] - other[1]);
  return near.length && near[0][1] < HANDLE_PIXELS ? { kind: "push", surface: near[0][0] } : null;
}
