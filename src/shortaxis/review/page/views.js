// Everything that is drawn of the study on the page, and the numbers beside it.

import * as server from "./server.js";
import { table } from "./colours.js";
import { changeWords, comparison, isComparable } from "./earlier.js";
import { PATIENT_MM, drawPatientView, drawRow, placesOf } from "./drawing.js";
import { PATIENT_VIEWS, add, angleBetween, anglesFromAxes, carried, column, conventional, norm } from "./geometry.js";
import { drawPolarMap } from "./polar_map.js";
import { toRecord } from "./pose_history.js";
import { at, notice, state } from "./state.js";
import { surfaceView } from "./surface_view.js";
import { askedHand } from "./wall_hand.js";
import { drawZoom, isZoomed } from "./zoom.js";

export const ANGLES = ["theta", "alpha", "beta"];
export const SHIFTS = ["x_m", "y_m", "z_m"];
export const ROWS = ["short-axis", "vertical", "horizontal"];
const POLAR_DELAY_MS = 150;

let isDrawing = false, timer = 0, partnerDrawn = "", isAsking = false, isAskedAgain = false, solid = null;
// What the polar maps show: records of the server, and in which way.
const maps = { own: null, partner: null };

function display(level) {
  const low = Number(at("lower").value), high = Math.max(Number(at("upper").value), low + 5);
  const name = at("colours").value;
  return { low: (low / 100) * level, high: (high / 100) * level, colours: table(name), ink: name === "grey, inverted" ? "#000" : "#fff" };
}

// The pose that slices are cut along.
export const cutPose = (pose) => (state.roll === "conventional" ? conventional(pose) : pose);

export function draw() {
  if (isDrawing || !state.volume) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    drawAll();
  });
}

function drawAll() {
  const { study, history, partner, point, field } = state, pose = history.pose, extent = study.automatic.extent;
  const shown = display(study.level), volume = state.gate === null ? state.volume : state.gates[state.gate];
  // A time slot holds its part of the counts.
  if (state.gate !== null) { shown.low /= state.gates.length; shown.high /= state.gates.length; }
  const cone = history.isChanged ? 0 : study.automatic.uncertainty?.long_axis_deg;
  const wall = shownWall(), isCorrected = state.correcting;
  for (const name of Object.keys(PATIENT_VIEWS)) drawPatientView(at(name), name, volume, { pose, extent, cone, field, point, wall }, shown);
  for (const view of ROWS) drawRow(at(view), view, volume, cutPose(pose), extent, shown, { point, wall, isCorrected });
  if (partner) drawPartner(partner);
  if (isZoomed()) drawZoom(zoomScene({ shown, volume, pose, extent, cone, field, point, wall }));
}

// What can be shown large, of either exam.
function zoomScene({ shown, volume, pose, extent, cone, field, point, wall }) {
  const { partner } = state, cut = cutPose(pose), marks = { point, wall };
  const own = { volume, cut, extent, display: shown, marks, patient: { pose, extent, cone, field, point, wall }, ...maps.own };
  if (!partner) return { own, partner: null };
  const other = cutPose(partner.pose), theirs = { point: point && carried(point, cut, other) };
  return { own, partner: { volume: partner.volume, cut: other, extent: partner.record.automatic.extent, display: display(partner.record.level), marks: theirs, ...maps.partner } };
}

// The other exam is shown by the same part of its own level, in the same colours, around its own pose,
// with the crosshair at the same place of its heart. While this exam is turned it stays as it is.
function drawPartner({ record, volume, pose }) {
  const shown = display(record.level), own = cutPose(state.history.pose), cut = cutPose(pose);
  const point = state.point && carried(state.point, own, cut);
  const { length_mm: length, radius_mm: radius } = state.study.automatic.extent;
  const key = JSON.stringify([record.study, cut, point, shown.low, shown.high, at("colours").value, length, radius]);
  if (key === partnerDrawn) return;
  partnerDrawn = key;
  for (const view of ROWS) drawRow(at(`partner-${view}`), view, volume, cut, record.automatic.extent, shown, { point, places: placesOf(view, length, radius) });
}

// Of the other exam of the study before nothing is seen beside this one.
export function clearPartner() {
  partnerDrawn = "";
  maps.partner = null;
  for (const view of [...ROWS, "polar"]) {
    const canvas = at(`partner-${view}`);
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
  }
  at("partner-polar-caption").textContent = at("partner-polar-caption").title = "";
}

// The wall of this pose; while the pose is turned there is none.
export function shownWall() {
  const { wall, wallMethod, history } = state;
  return wallMethod !== "none" && wall?.pose === history.pose ? wall : null;
}

export function showNumbers() {
  const { history, study } = state, angles = anglesFromAxes(history.pose.axes);
  for (const name of ANGLES) if (document.activeElement !== at(name)) at(name).value = angles[name].toFixed(1);
  SHIFTS.forEach((name, i) => {
    if (document.activeElement !== at(name)) at(name).value = (history.pose.center[i] - study.center_mm[i]).toFixed(1);
  });
  at("moved").textContent = history.isChanged ? `${apartWords(history.pose, history.automatic)} from the automatic pose` : "The automatic pose";
  at("accept").textContent = history.isChanged || history.hand ? "Save correction" : "Accept";
  at("undo").disabled = !history.done.length;
  at("redo").disabled = !history.undone.length;
}

export function apartWords(one, other) {
  const turned = angleBetween(column(one.axes, 2), column(other.axes, 2));
  return `${turned.toFixed(1)}° and ${norm(add(one.center, other.center, -1)).toFixed(1)} mm`;
}

// The pose is another one: draw it, and ask for its polar map once it rests.
export function changed() {
  keepInField();
  draw();
  showNumbers();
  clearTimeout(timer);
  timer = setTimeout(() => refreshPolarMap().catch(() => { at("polar-caption").textContent = "Polar map: no wall to trace here"; }), POLAR_DELAY_MS);
}

// The views follow a heart that leaves them.
function keepInField() {
  const { center } = state.history.pose;
  if (!state.field || norm(add(center, state.field, -1)) > 0.3 * PATIENT_MM) state.field = center;
}

async function refreshPolarMap() {
  const { study, history, wallMethod } = state, { pose, hand } = history;
  const wall = wallMethod === "none" ? "tracing" : wallMethod;
  const record = await server.polarMap(study.study, { ...toRecord(cutPose(pose)), wall, wall_by_hand: askedHand(hand) }, at("normals").value);
  if (study !== state.study || pose !== history.pose) return;
  state.wall = { ...record.wall, pose, hand };
  const kind = at("map-kind").value;
  if (kind === "difference" && state.partner) await showDifference(pose);
  else if (kind === "change" && isComparable()) await showChange(pose, record);
  else showMap("own", record, [mapWords(record), handWords(record.wall), ...record.notes].filter(Boolean).join("\n"));
  solid?.show(record.wall.surface);
  draw();
}

// Draw a map, and say beside it what it tells.
function showMap(whose, map, words, mapKind = shownKind()) {
  const prefix = whose === "own" ? "" : "partner-";
  maps[whose] = { map, mapKind, mapWords: words };
  drawPolarMap(at(`${prefix}polar`), map, mapKind);
  at(`${prefix}polar-caption`).textContent = words.split("\n")[0];
  at(`${prefix}polar-caption`).title = words;
}

// A difference or a change is of two exams; each alone is shown by its uptake then.
const shownKind = () => (["difference", "change"].includes(at("map-kind").value) ? "uptake" : at("map-kind").value);

// What has changed since the earlier exam; without a map of it the uptake of this one.
async function showChange(pose, map) {
  const { study } = state;
  const found = await comparison().catch((error) => ({ words: error.message, not_called: [], doubts: [], notes: [] }));
  if (!found || study !== state.study || pose !== state.history.pose) return;
  if (found.change) showMap("own", found.change, changeWords(found), "change");
  else showMap("own", map, changeWords(found));
}

// What stress has lost against rest, in the words of the report.
async function showDifference(pose) {
  const { study, partner } = state;
  const poses = { pose: toRecord(cutPose(pose)), partner_pose: toRecord(cutPose(partner.pose)) };
  const record = await server.difference(study.study, poses, at("normals").value);
  if (study !== state.study || partner !== state.partner || pose !== state.history.pose) return;
  const words = record.rows.map(([name, value]) => `${name} ${value}`);
  showMap("own", record, [`Stress − rest: ${words.join("; ")}`, ...words].join("\n"), "difference");
}

// What was set of the wall is another one: ask for the wall, one question after the other.
export async function wallChanged() {
  showNumbers();
  isAskedAgain = isAsking;
  if (isAsking) return;
  isAsking = true;
  try {
    await refreshPolarMap();
  } finally {
    isAsking = false;
  }
  if (isAskedAgain) await wallChanged();
}

export function showSolid(isShown) {
  solid ??= surfaceView(at("surface"), solidColours());
  at("surface").hidden = !isShown;
  at("polar").hidden = isShown;
  at("solid").setAttribute("aria-pressed", String(isShown));
  if (isShown && state.wall) solid.show(state.wall.surface);
}

export function solidColours() {
  const pixels = table("rainbow");
  return (part) => [0, 8, 16].map((bits) => (pixels[Math.round(part * 255)] >> bits) & 255);
}

export async function refreshPartnerMap() {
  const { partner } = state;
  const record = await server.polarMap(partner.record.study, toRecord(cutPose(partner.pose)), at("normals").value);
  if (partner !== state.partner) return;
  showMap("partner", record, [`${partner.record.condition}: ${mapWords(record)}`, ...record.notes].join("\n"));
}

// The same words and limits as on the report.
export function mapWords(record) {
  const size = `${Math.round(record.length_mm)} mm, ${Math.round(record.volume_ml)} ml${wallWords(record.wall)}`;
  if (record.summed_score === null) return `${record.scored_by}; ${size}`;
  const parts = [`Summed score ${record.summed_score}`];
  if (record.total_perfusion_deficit !== null) parts.push(`TPD ${percent(record.total_perfusion_deficit)}`);
  if (record.scar_burden !== null) parts.push(`abnormal below half ${percent(record.scar_burden)}${baseWords(record)}`);
  return `${parts.join(", ")} (${record.scored_by}); ${size}`;
}

const baseWords = (record) => (record.base_is_sure === false ? ", base not sure" : "");

const percent = (part) => `${(100 * part).toFixed(1)} %`;

// What the map shows, or what scores are by, is another one.
export function remap() {
  if (state.history) changed();
  if (state.partner) refreshPartnerMap().catch(() => {});
}

function wallWords(wall) {
  const cavity = wall.cavity_ml === null ? "" : `, cavity ${Math.round(wall.cavity_ml)} ml`;
  return `${cavity}${wall.set_by_hand.length ? ", by hand" : ""}`;
}

const handWords = (wall) => (wall.set_by_hand.length ? `Set by hand: ${wall.set_by_hand.join(", ")}` : "");

// Change the pose, so that it can be taken back.
export function edit(pose) {
  notice();
  state.history.change(pose);
  changed();
}

export function setRoll(convention) {
  state.roll = convention;
  at("roll").textContent = `Roll: ${convention}`;
  if (state.history) changed();
  if (state.partner) refreshPartnerMap().catch(() => {});
}

// A roll that is edited must be seen: slices of the conventional roll do not show it.
export function showEditedRoll() {
  if (state.roll === "anatomical") return;
  setRoll("anatomical");
  if (state.study.written_roll === "conventional") {
    notice("The slices now show the anatomical roll, which you are changing. They are written with the conventional one; the pose keeps yours.");
  }
}
