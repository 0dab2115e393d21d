// One study: opened, compared with the other exam, and signed off.

import * as server from "./server.js";
import { refreshEarlier, showEarlier } from "./earlier.js";
import { openOrientation } from "./orientation.js";
import { PoseHistory, toRecord } from "./pose_history.js";
import { automaticPose, editsOf, startingHand, startingPose } from "./starting.js";
import { at, guarded, notice, state } from "./state.js";
import { Volume } from "./volume.js";
import { apartWords, changed, clearPartner, draw, edit, refreshPartnerMap } from "./views.js";
import { askedHand } from "./wall_hand.js";
import { drawList, identityWords, refreshList, showList, stepToOpen } from "./worklist.js";

const GATE_MS = 110;

export async function openStudy(id, done = "") {
  stopPlaying();
  showList(false);
  notice();
  state.opening = id;
  at("estimating").textContent = "";
  document.body.setAttribute("aria-busy", "true");
  at("study-title").textContent = "Loading…";
  try {
    const { record, counts } = await server.opened(id);
    // Another one may have been asked for meanwhile.
    if (state.opening !== id) return;
    showStudy(record, counts);
    notice(done);
    guarded(() => nameStudy(record));
    refreshEarlier().catch(() => {});
    if (record.partner) guarded(() => openPartner(record.partner));
  } catch (error) {
    if (state.opening !== id) return;
    clearStudy();
    if (!state.rows.some((row) => row.study === id && row.can_be_stated)) throw error;
    guarded(() => openOrientation(id, error.message, openStated));
  } finally {
    if (state.opening === id) document.body.removeAttribute("aria-busy");
  }
}

// The orientation of the study that is seen, or that could not be read without one.
export const orient = () => openOrientation(state.opening, "", openStated);

async function openStated(id) {
  await refreshList();
  await openStudy(id, "Read again with the orientation that you stated.");
}

function showStudy(record, counts) {
  const volume = new Volume(counts, record.shape, record.patient_from_index);
  Object.assign(state, { volume, gates: [], gate: null, partner: null, awaited: record.partner, earlier: [], field: null, point: null, wall: null });
  clearPartner();
  state.history = editsOf(record) ?? new PoseHistory(automaticPose(record), startingPose(record), startingHand(record));
  showRecord(record);
  showList(false);
  drawList();
  at("comment").value = "";
  at("conclusion-words").value = state.isSecond ? "" : record.conclusion;
  changed();
}

// Of a study that cannot be opened nothing is shown: not the one that was there before.
function clearStudy() {
  Object.assign(state, { study: null, history: null, volume: null, partner: null });
  at("session").hidden = true;
  at("flag").textContent = "";
  at("study-title").textContent = "This study could not be opened";
  state.earlier = [];
  showEarlier();
  drawList();
}

async function openPartner(id) {
  const { opening } = state;
  const { record, counts } = await server.opened(id).catch((error) => {
    if (state.opening === opening) state.awaited = "";
    showPartner();
    throw new Error(`The other exam cannot be shown: ${error.message}`);
  });
  if (state.opening !== opening) return;
  const pose = editsOf(record)?.pose ?? startingPose(record);
  state.partner = { record, volume: new Volume(counts, record.shape, record.patient_from_index), pose };
  const words = record.condition || "the other exam";
  at("copy").textContent = `Take pose of ${words}`;
  at("swap").textContent = `Go to ${words}`;
  at("partner-caption").textContent = `${words[0].toUpperCase()}${words.slice(1)} (${record.state}): short axis, apex to base`;
  showPartner();
  draw();
  await refreshPartnerMap();
}

// The other exam has its place before it is there: nothing moves under a pointer that is at this one.
function showPartner() {
  const hasPlace = Boolean(state.partner || state.awaited);
  for (const part of document.querySelectorAll("[data-of=partner]")) part.hidden = !hasPlace;
  for (const id of ["copy", "swap"]) at(id).disabled = !state.partner;
  if (!state.partner) at("partner-caption").textContent = "The other exam is read…";
  at("patient-views").classList.toggle("paired", hasPlace);
}

export function takePartnerPose() {
  const { partner, history } = state;
  const words = apartWords(partner.pose, history.automatic);
  edit(partner.pose);
  notice(`The pose of ${partner.record.condition} lies ${words} from the automatic one of this exam. Patients move between exams: compare the slices before you save.`, true);
}

function showTitle(record) {
  const who = identityWords(record.study);
  at("study-title").textContent = [record.title, record.folder, who].filter(Boolean).join(" — ");
  at("study-title").title = who;
}

// Whom a study is of is known once it was read.
async function nameStudy(record) {
  if (state.identities[record.study]) return;
  state.identities = await server.identities();
  if (state.study === record) showTitle(record);
}

function showRecord(record) {
  state.study = record;
  const quality = record.automatic.quality, isFlagged = quality.flag === "review";
  const isHidden = state.isSecond;
  showTitle(record);
  showEarlier();
  at("flag").textContent = isFlagged ? `Axes: to be reviewed: ${quality.reasons[0]}` : "Axes: accepted";
  at("flag").title = quality.reasons.join("\n");
  at("flag").className = quality.flag;
  at("state").textContent = isHidden ? "Second reading: the first one is hidden" : [`State: ${record.state}`, ...record.second_readings.map(agreementWords)].join("\n");
  at("reopen").hidden = isHidden || record.state === "open";
  at("report").disabled = isHidden || !["accepted", "corrected"].includes(record.state);
  at("play").hidden = !record.gates;
  at("projections-open").hidden = !record.holds_projections;
  at("function-open").hidden = !record.gates;
  showPartner();
  at("reasons").replaceChildren(...quality.reasons.map(item));
  at("trail").replaceChildren(...(isHidden ? [] : record.trail).map((entry) => item(
    `${entry.at} ${entry.reviewer}: ${entry.action}${statedWords(entry.stated)}${entry.comment ? ` — ${entry.comment}` : ""}`
      + `${entry.is_of_present_counts ? "" : " (on other counts, or before they were noted)"}`,
  )));
  at("details").open = isFlagged || record.trail.length > 0;
}

// How far a second reader agrees with the first one.
export function agreementWords({ reviewer, verdict, apart }) {
  const far = apart ? `, axis ${apart.long_axis_deg.toFixed(1)}°, roll ${apart.roll_deg.toFixed(1)}°, centre ${apart.center_mm.toFixed(1)} mm apart` : "";
  return `Second reader ${reviewer}: ${verdict}${far}`;
}

function statedWords(stated) {
  if (!stated) return "";
  const words = Object.entries(stated).map(([name, value]) => `${name.replace(/_mm$/, ", mm").replaceAll("_", " ")}: ${[value].flat().join(", ")}`);
  return ` (${words.join("; ") || "as the file says"})`;
}

function item(words) {
  const made = document.createElement("li");
  made.textContent = words;
  return made;
}

const DONE = { accept: "accepted", correct: "correction saved", reject: "rejected", reopen: "open again", comment: "comment kept" };

export async function decide(action) {
  const { study, history } = state, reviewer = at("reviewer").value.trim();
  if (!study || document.body.hasAttribute("aria-busy")) return;
  if (!reviewer) {
    at("reviewer").focus();
    throw new Error("Your name is missing: whoever signs off is kept with the study.");
  }
  localStorage.setItem("reviewer", reviewer);
  const isCorrection = history.isChanged || Boolean(history.hand);
  const kind = action === "accept" && isCorrection ? "correct" : action;
  const conclusion = ["accept", "correct"].includes(kind) ? at("conclusion-words").value : "";
  const body = { action: kind, version: study.version, reviewer, comment: at("comment").value, conclusion };
  if (kind === "correct") Object.assign(body, { pose: toRecord(history.pose), wall_by_hand: askedHand(history.hand) });
  const send = state.isSecond ? server.secondReading : server.decide;
  document.body.setAttribute("aria-busy", "true");
  try {
    const record = await send(study.study, body);
    // Kept of the counts that were seen; others lie there by now.
    if (record.content !== study.content) return await openStudy(study.study, `${study.folder}: ${DONE[kind]}. The file was replaced meanwhile.`);
    showRecord(record);
  } finally {
    document.body.removeAttribute("aria-busy");
  }
  if (["accept", "correct", "reject"].includes(kind)) {
    state.edits.delete(study.study);
    history.saved = history.pose;
    history.savedHand = history.hand;
  }
  at("comment").value = "";
  await refreshList();
  const words = `${study.folder}: ${state.isSecond ? `second reading kept, ${kind}` : DONE[kind]}.`;
  if (["accept", "correct", "reject"].includes(kind)) stepToOpen(words);
  else notice(words);
  return undefined;
}

// The report of a study that is signed off, and of its stress or rest, with the conclusion and the signature.
export async function writeReport() {
  const { study } = state;
  if (!study) return;
  document.body.setAttribute("aria-busy", "true");
  try {
    const made = await server.report(study.study, { with_identity: at("with-identity").checked }, at("normals").value);
    notice(`Report written: ${made.files.length} files in the folder ${made.folder}.`);
  } finally {
    document.body.removeAttribute("aria-busy");
  }
}

// What was changed and not saved stays as long as the page does.
export function keepEdits() {
  const { study, history, edits } = state;
  if (!study) return;
  if (history.isEdited) edits.set(study.study, Object.assign(history, { content: study.content }));
  else edits.delete(study.study);
}

export async function play() {
  if (state.playing) return stopPlaying();
  const { study } = state;
  if (!state.gates.length) {
    const gates = await Promise.all(Array.from({ length: study.gates }, async (_, gate) => new Volume(
      await server.counts(study, gate), study.shape, study.patient_from_index,
    )));
    if (study.study !== state.study?.study) return undefined;
    state.gates = gates;
  }
  at("play").textContent = "Stop";
  state.playing = setInterval(() => { state.gate = ((state.gate ?? -1) + 1) % state.gates.length; draw(); }, GATE_MS);
  return undefined;
}

function stopPlaying() {
  clearInterval(state.playing);
  state.playing = null;
  state.gate = null;
  at("play").textContent = "Play";
  draw();
}
