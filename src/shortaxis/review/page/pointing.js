// What the pointer does on the canvases: handles are dragged, slices rolled, the crosshair set.

import { PATIENT_MM, handles, pointOfRow, pointOfView, tileBoxes } from "./drawing.js";
import { PATIENT_VIEWS, add, column, cross } from "./geometry.js";
import { pointed, rolled, shifted } from "./pose_history.js";
import { at, notice, state } from "./state.js";
import { changed, cutPose, draw, showEditedRoll } from "./views.js";

const GRAB_PIXELS = 22, STILL_PIXELS = 4, WHEEL_MM = 2;

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

export function longAxisRow(view) {
  const canvas = at(view);
  const pointAt = (to) => setPoint(pointOfRow(canvas, view, cutPose(state.history.pose), extent(), to));
  follow(canvas, (from) => {
    pointAt(from);
    return pointAt;
  });
}

// A short-axis slice is rolled by dragging around its middle; a click sets the crosshair.
export function shortAxisRow() {
  const canvas = at("short-axis");
  let click = null;
  follow(canvas, (from) => {
    const { pitch, width, size } = tileBoxes(canvas, "short-axis"), tile = Math.floor(from[0] / pitch);
    const angle = ([x, y]) => (Math.atan2(y - size / 2, x - tile * pitch - width / 2) * 180) / Math.PI;
    let pose = null;
    click = from;
    return (to) => {
      if (!pose) {
        if (Math.hypot(to[0] - from[0], to[1] - from[1]) < STILL_PIXELS) return;
        click = null;
        pose = state.history.pose;
        notice();
        showEditedRoll();
        state.history.keep();
      }
      state.history.pose = rolled(pose, angle(from) - angle(to));
      changed();
    };
  });
  canvas.addEventListener("pointerup", () => {
    if (click) setPoint(pointOfRow(canvas, "short-axis", cutPose(state.history.pose), extent(), click));
    click = null;
  });
}
