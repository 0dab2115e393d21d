// What the reviewer sets of the wall: valve plane, apex, contours, and masks of hot neighbours, LPS mm.

import { add, angleBetween, cross, dot, norm, rotated } from "./geometry.js";
import { grabbed } from "./wall_lines.js";

const SAME_PLACE_MM = 10, LEAST_RADIUS_MM = 3;
const NOTHING = { valve_plane: null, apex_mm: null, pushed: [], neighbours: [] };

// Without what the server adds to what it keeps.
export const askedHand = (hand) => hand && Object.fromEntries(Object.keys(NOTHING).map((name) => [name, hand[name]]));

export const pointOn = ({ first, right, down }, [x, y]) => add(add(first, right, x), down, y);

// What a drag on a picture makes of what was set so far; nothing where there is nothing to drag.
export function dragged(wall, hand, plane, from, isMask) {
  const before = { ...NOTHING, ...hand }, start = pointOn(plane, from);
  if (isMask) return (to) => withBall(before, start, pointOn(plane, to));
  const grab = wall && grabbed(wall, plane, from);
  if (!grab) return null;
  const change = { apex: withApex, valve: withValve, tilt: withTilt, push: withPush }[grab.kind];
  return (to) => change(before, { wall, plane, grab, start, point: pointOn(plane, to) });
}

function withBall(before, center, point) {
  const radius = Math.max(LEAST_RADIUS_MM, norm(add(point, center, -1)));
  return { ...before, neighbours: [...before.neighbours, { center_mm: center, radius_mm: radius }] };
}

const withApex = (before, { point }) => ({ ...before, apex_mm: point });

function withValve(before, { wall, start, point }) {
  const { center_mm: center, normal } = wall.valve_plane;
  return { ...before, valve_plane: { center_mm: add(center, normal, dot(add(point, start, -1), normal)), normal } };
}

// The plane turns about its other end, in the picture.
function withTilt(before, { wall, plane, grab, start, point }) {
  const pivot = pointOn(plane, grab.pivot), axis = cross(plane.right, plane.down);
  const [was, is] = [start, point].map((end) => add(end, pivot, -1));
  const sense = Math.sign(dot(cross(was, is), axis)) || 1;
  return { ...before, valve_plane: { center_mm: pivot, normal: rotated(wall.valve_plane.normal, axis, sense * angleBetween(was, is)) } };
}

// A later push of the same place takes that of an earlier one.
function withPush(before, { grab, start, point }) {
  const others = before.pushed.filter((each) => each.surface !== grab.surface || norm(add(each.point_mm, start, -1)) > SAME_PLACE_MM);
  return { ...before, pushed: [...others, { surface: grab.surface, point_mm: point }] };
}
