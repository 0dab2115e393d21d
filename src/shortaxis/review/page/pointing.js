// What the pointer does on the canvases: handles and slices are dragged, the crosshair is set.

import { PATIENT_MM, handles, patientPlane, planeOfRow, pointOfRow, pointOfView, tileBoxes, tileStep } from "./drawing.js";
import { PATIENT_VIEWS, add, column, cross, rotated, viewDirections } from "./geometry.js";
import { pointed, rolled, shifted } from "./pose_history.js";
import { at, notice, state } from "./state.js";
import { changed, cutPose, draw, showEditedRoll, shownWall, wallChanged } from "./views.js";
import { dragged } from "./wall_hand.js";

const GRAB_PIXELS = 22, MIDDLE_PIXELS = 14, STILL_PIXELS = 4, WHEEL_MM = 2;

const extent = () => state.study.automatic.extent;

function place(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
}

// Follow a drag from where it began; `begin` gives what is done on the way, or nothing.
function follow(canvas, begin) {
  let move = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (!state.history || event.button > 0) return;
    move = begin(place(canvas, event));
    if (!move) return;
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => move?.(place(canvas, event)));
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => { move = null; });
}

export function setPoint(point) {
  state.point = point;
  at("cross").setAttribute("aria-pressed", String(Boolean(point)));
  draw();
}

export function patientView(name) {
  const canvas = at(name);
  const through = () => state.point ?? state.history.pose.center;
  const pointAt = (to) => setPoint(pointOfView(name, state.field, through(), canvas.width, to));
  follow(canvas, (from) => {
    if (state.masking) return wallDrag(patientPlane(name, state.field, through(), canvas.width), from);
    const marks = handles(name, state.history.pose, extent(), canvas.width, state.field);
    const distance = (mark) => Math.hypot(mark[0] - from[0], mark[1] - from[1]);
    const [kind] = Object.keys(marks).sort((a, b) => distance(marks[a]) - distance(marks[b]));
    if (distance(marks[kind]) > GRAB_PIXELS) {
      pointAt(from);
      return pointAt;
    }
    const { pose } = state.history, scale = PATIENT_MM / canvas.width, { right, down } = PATIENT_VIEWS[name];
    notice();
    state.history.keep();
    return (to) => {
      const offset = add(right.map((value) => value * (to[0] - from[0]) * scale), down, (to[1] - from[1]) * scale);
      state.history.pose = moved(kind, pose, offset);
      changed();
    };
  });
  canvas.addEventListener("wheel", (event) => {
    if (!state.history) return;
    const { right, down } = PATIENT_VIEWS[name];
    setPoint(add(through(), cross(right, down), Math.sign(event.deltaY) * WHEEL_MM));
    event.preventDefault();
  }, { passive: false });
}

function moved(kind, pose, offset) {
  if (kind === "center") return shifted(pose, offset);
  const reach = extent().length_mm / 2, sign = kind === "apex" ? -1 : 1;
  const end = add(column(pose.axes, 2).map((value) => value * reach * sign), offset);
  return pointed(pose, end.map((value) => value * sign));
}

// Slices follow the pointer: around their middle they turn, in their middle they are shifted. A click
// without a drag sets the crosshair.
export function sliceRow(view) {
  const canvas = at(view);
  let click = null;
  follow(canvas, (from) => {
    if (state.correcting) {
      const { plane, left } = planeOfRow(canvas, view, cutPose(state.history.pose), extent(), from);
      return wallDrag(plane, from, left);
    }
    const { pitch, width, size } = tileBoxes(canvas, view), tile = Math.floor(from[0] / pitch);
    const offset = ([x, y]) => [x - tile * pitch - width / 2, y - size / 2];
    const isMiddle = Math.hypot(...offset(from)) < MIDDLE_PIXELS;
    let change = null;
    click = from;
    return (to) => {
      if (!change) {
        if (Math.hypot(to[0] - from[0], to[1] - from[1]) < STILL_PIXELS) return;
        click = null;
        change = begun(view, isMiddle);
      }
      state.history.pose = change(offset(from), offset(to));
      changed();
    };
  });
  canvas.addEventListener("pointerup", () => {
    if (click) setPoint(pointOfRow(canvas, view, cutPose(state.history.pose), extent(), click));
    click = null;
  });
}

// Drag what is set of the wall on a picture that begins `left` pixels into its canvas.
function wallDrag(plane, from, left = 0) {
  const { history } = state, shift = ([x, y]) => [x - left, y];
  const change = dragged(shownWall(), history.hand, plane, shift(from), state.masking);
  if (!change) return null;
  notice();
  history.keepHand();
  return (to) => {
    history.hand = change(shift(to));
    wallChanged().catch((error) => notice(error.message, true));
  };
}

// Begin to drag slices: what the way of the pointer makes of the pose.
function begun(view, isMiddle) {
  notice();
  if (view === "short-axis" && !isMiddle) showEditedRoll();
  state.history.keep();
  return isMiddle ? shiftedBy(view) : turnedBy(view);
}

function shiftedBy(view) {
  const { pose } = state.history, { right, down } = viewDirections(view, cutPose(pose).axes);
  const step = tileStep(at(view));
  return (from, to) => shifted(pose, add(right.map((value) => value * (from[0] - to[0]) * step), down, (from[1] - to[1]) * step));
}

function turnedBy(view) {
  const { pose } = state.history, { right, down } = viewDirections(view, cutPose(pose).axes);
  const angle = ([x, y]) => (Math.atan2(y, x) * 180) / Math.PI;
  return (from, to) => {
    const degrees = angle(from) - angle(to);
    if (view === "short-axis") return rolled(pose, degrees);
    return pointed(pose, rotated(column(pose.axes, 2), cross(right, down), degrees));
  };
}
