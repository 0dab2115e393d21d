// What keys and buttons do.

import { anglesFromAxes } from "./geometry.js";
import { rolled, shifted, withAngle } from "./pose_history.js";
import { openFunction } from "./function.js";
import { openProjections } from "./projections.js";
import { decide, openStudy, orient, play, takePartnerPose, writeReport } from "./session.js";
import { setPoint } from "./pointing.js";
import { at, guarded, notice, state } from "./state.js";
import { ANGLES, SHIFTS, changed, draw, edit, setRoll, showEditedRoll, showSolid } from "./views.js";
import { isListShown, showList, step } from "./worklist.js";

const MOVES = { a: [-1, 0, 0], d: [1, 0, 0], w: [0, -1, 0], s: [0, 1, 0], e: [0, 0, 1], q: [0, 0, -1] };
const TURNS = { ArrowLeft: ["theta", -1], ArrowRight: ["theta", 1], ArrowUp: ["alpha", -1], ArrowDown: ["alpha", 1], "[": ["beta", -1], "]": ["beta", 1] };

// Of the study that is seen.
const ON_STUDY = {
  x: () => guarded(() => decide("reject")), Enter: () => guarded(() => decide("accept")),
  z: () => { notice(); if (state.correcting) undoHand(); else state.history.undo(); changed(); }, y: () => { state.history.redo(); changed(); },
  0: () => edit(state.history.automatic), c: () => setRoll(state.roll === "conventional" ? "anatomical" : "conventional"),
  h: () => setPoint(state.point ? null : state.history.pose.center),
  b: () => correct(!state.correcting), m: () => mask(!state.masking),
  v: () => { if (state.partner) guarded(() => openStudy(state.partner.record.study)); },
  " ": () => { if (state.study.gates) guarded(play); },
  f: () => { if (state.study.gates) guarded(openFunction); },
  j: () => { if (state.study.holds_projections) guarded(() => openProjections(state.study.study)); },
};

// Drags on slices correct the wall, or the pose.
function correct(isOn) {
  state.correcting = isOn;
  at("correct").setAttribute("aria-pressed", String(isOn));
  for (const id of ["mask", "wall-reset"]) at(id).hidden = !isOn;
  if (!isOn) mask(false);
  if (isOn) notice("Drag valve plane, its ends, apex (yellow) or a contour in the slices of the heart. Z takes back; B ends it.");
  draw();
}

function mask(isOn) {
  if (isOn && !state.correcting) correct(true);
  state.masking = isOn;
  at("mask").setAttribute("aria-pressed", String(isOn));
  if (isOn) notice("Drag from the middle of a hot neighbour to its edge, in any view. M ends it.");
}

const undoHand = () => state.history.undoHand();

function resetWall() {
  state.history.keepHand();
  state.history.hand = null;
  changed();
}

const ALWAYS = {
  n: () => step(1), p: () => step(-1), l: () => showList(!isListShown()),
  o: () => { if (!isListShown()) guarded(orient); },
  t: () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"),
  "?": () => at("help").showModal(), Escape: () => { if (isListShown()) showList(false); else setPoint(null); },
};

export function setTheme(name) {
  document.documentElement.dataset.theme = name;
  at("theme").textContent = name === "dark" ? "Light" : "Dark";
  localStorage.setItem("theme", name);
  if (state.history) changed();
}

function turn([name, sign], size) {
  if (name === "beta") showEditedRoll();
  const pose = state.history.pose, angle = anglesFromAxes(pose.axes)[name] + sign * size;
  state.history.change(name === "beta" ? rolled(pose, sign * size) : withAngle(pose, name, angle));
  changed();
}

// What the browser does itself: typing, buttons, sliders, its own shortcuts.
function isTheBrowsers(event) {
  if (event.target.closest("input:not([type=range]), textarea, select, dialog") || event.ctrlKey || event.metaKey) return true;
  if (["Enter", " "].includes(event.key) && event.target.closest("button, summary, tr")) return true;
  return event.key.startsWith("Arrow") && Boolean(event.target.closest("input"));
}

// What a key does, or nothing. What is not seen is not changed: neither behind the worklist nor while
// another study is opened.
function workOf(key, size) {
  const own = (table) => Object.hasOwn(table, key);
  if (own(ALWAYS)) return ALWAYS[key];
  if (!state.history || isListShown() || document.body.hasAttribute("aria-busy")) return null;
  if (own(TURNS)) return () => turn(TURNS[key], size);
  if (own(MOVES)) return () => edit(shifted(state.history.pose, MOVES[key].map((value) => value * size)));
  return own(ON_STUDY) ? ON_STUDY[key] : null;
}

function onKey(event) {
  // Out of a field, so that the keys work on the heart again.
  if (event.key === "Escape" && event.target.closest("input, textarea, select")) { event.target.blur(); return; }
  if (isTheBrowsers(event)) return;
  const size = event.shiftKey ? 5 : event.altKey ? 0.2 : 1;
  const work = workOf(event.key.length === 1 ? event.key.toLowerCase() : event.key, size);
  if (!work) return;
  work();
  event.preventDefault();
}

function typed(name) {
  const value = Number(at(name).value);
  if (at(name).value === "" || !Number.isFinite(value) || !state.history) return;
  const pose = state.history.pose;
  if (ANGLES.includes(name)) {
    edit(withAngle(pose, name, value));
    if (name === "beta") showEditedRoll();
    return;
  }
  const center = [...pose.center], number = SHIFTS.indexOf(name);
  center[number] = state.study.center_mm[number] + value;
  edit({ ...pose, center });
}

export function wireKeysAndButtons() {
  for (const name of [...ANGLES, ...SHIFTS]) at(name).addEventListener("change", () => typed(name));
  const buttons = {
    previous: ALWAYS.p, next: ALWAYS.n, "list-toggle": ALWAYS.l, "orientation-open": () => { showList(false); guarded(orient); }, "projections-open": ON_STUDY.j, "function-open": ON_STUDY.f, theme: ALWAYS.t, "help-toggle": ALWAYS["?"],
    undo: ON_STUDY.z, redo: ON_STUDY.y, reset: ON_STUDY[0], roll: ON_STUDY.c, cross: ON_STUDY.h, accept: ON_STUDY.Enter,
    correct: ON_STUDY.b, mask: ON_STUDY.m, "wall-reset": resetWall, solid: () => showSolid(at("surface").hidden),
    reject: ON_STUDY.x, play: ON_STUDY[" "], swap: ON_STUDY.v, copy: takePartnerPose,
    conclude: () => at("conclusion").showModal(), report: () => guarded(writeReport),
    note: () => guarded(() => decide("comment")), reopen: () => guarded(() => decide("reopen")),
  };
  for (const [id, work] of Object.entries(buttons)) at(id).addEventListener("click", work);
  at("wall").addEventListener("change", () => {
    state.wallMethod = at("wall").value;
    if (state.history) changed();
  });
  document.addEventListener("keydown", onKey);
}
