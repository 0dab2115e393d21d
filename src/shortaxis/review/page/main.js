// The review page: one study at a time, drawn anew whenever its pose or its display changes.

import * as server from "./server.js";
import { NAMES, table } from "./colours.js";
import { PATIENT_MM, drawPatientView, drawPolarMap, drawRow, handles } from "./drawing.js";
import { PATIENT_VIEWS, add, angleBetween, anglesFromAxes, axesFromAngles, column, conventional, dot, norm } from "./geometry.js";
import { PoseHistory, fromRecord, pointed, rolled, shifted, toRecord, withAngle } from "./pose_history.js";
import { Volume } from "./volume.js";

const at = (id) => document.getElementById(id);
const ANGLES = ["theta", "alpha", "beta"], SHIFTS = ["x_m", "y_m", "z_m"];
const TYPICAL_ANGLES = { alpha: 20, beta: 0, theta: 45 };
const GRAB_PIXELS = 22, POLAR_DELAY_MS = 150, GATE_MS = 110;

const state = { rows: [], study: null, history: null, volume: null, gates: [], gate: null, partner: null, roll: "conventional", timer: 0, drawing: false };

async function guarded(work) {
  try {
    at("error").hidden = true;
    return await work();
  } catch (error) {
    at("error").textContent = error.message;
    at("error").hidden = false;
    return undefined;
  }
}

async function refreshList() {
  state.rows = await server.worklist();
  drawList();
}

function drawList() {
  const wanted = at("filter").value;
  const shown = state.rows.filter((row) => !wanted || row.state === wanted
    || (wanted === "flagged" && row.state === "open" && row.flag === "review"));
  at("count").textContent = `${shown.length} of ${state.rows.length}`;
  at("rows").replaceChildren(...shown.map((row) => {
    const line = document.createElement("tr");
    line.tabIndex = 0;
    if (row.study === state.study?.study) line.setAttribute("aria-current", "true");
    for (const [words, kind] of [[row.title, ""], [row.file, ""], [row.state, row.state], [row.flag || "not yet", row.flag], [row.reasons.join("; "), ""]]) {
      const cell = document.createElement("td");
      cell.textContent = words;
      cell.className = kind;
      line.append(cell);
    }
    const open = () => { showList(false); guarded(() => openStudy(row.study)); };
    line.addEventListener("click", open);
    line.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.stopPropagation(); open(); } });
    return line;
  }));
}

function showList(wanted) {
  at("worklist").hidden = !wanted;
  at("desk").hidden = wanted || !state.study;
  at("list-toggle").setAttribute("aria-expanded", String(wanted));
  if (wanted) guarded(refreshList).then(() => at("rows").querySelector("tr")?.focus());
}

function startingPose(record) {
  if (record.pose) return fromRecord(record.pose);
  if (record.automatic.center_mm) return fromRecord(record.automatic);
  return { center: record.center_mm, axes: axesFromAngles(TYPICAL_ANGLES) };
}

async function openStudy(id) {
  stopPlaying();
  at("study-title").textContent = "Loading…";
  const record = await server.study(id);
  const volume = new Volume(await server.counts(id), record.shape, record.patient_from_index);
  Object.assign(state, { volume, gates: [], gate: null, partner: null });
  const automatic = record.automatic.center_mm ? fromRecord(record.automatic) : startingPose(record);
  state.history = new PoseHistory(automatic);
  state.history.pose = record.pose ? fromRecord(record.pose) : automatic;
  showRecord(record);
  showList(false);
  at("comment").value = "";
  changed();
  if (record.partner) await guarded(() => openPartner(record.partner));
}

async function openPartner(id) {
  const record = await server.study(id);
  const volume = new Volume(await server.counts(id), record.shape, record.patient_from_index);
  state.partner = { record, volume, pose: startingPose(record) };
  const words = record.condition || "the other exam";
  at("copy").textContent = `Take pose of ${words}`;
  at("copy").hidden = at("partner-figure").hidden = false;
  at("partner-caption").textContent = `Short axis at ${words} (${record.state})`;
  draw();
}

function showRecord(record) {
  state.study = record;
  const quality = record.automatic.quality;
  at("study-title").textContent = `${record.title} — ${record.folder}`;
  at("flag").textContent = quality.flag === "review" ? `Look: ${quality.reasons[0]}` : "No reason to doubt";
  at("flag").title = quality.reasons.join("\n");
  at("flag").className = quality.flag;
  at("state").textContent = `State: ${record.state}`;
  at("play").hidden = !record.gates;
  at("copy").hidden = at("partner-figure").hidden = !state.partner;
  at("reasons").replaceChildren(...quality.reasons.map(item));
  at("trail").replaceChildren(...record.trail.map((entry) => item(
    `${entry.at} ${entry.reviewer}: ${entry.action}${entry.comment ? ` — ${entry.comment}` : ""}`,
  )));
}

function item(words) {
  const made = document.createElement("li");
  made.textContent = words;
  return made;
}

function display(level) {
  const low = Number(at("lower").value), high = Math.max(Number(at("upper").value), low + 5);
  const name = at("colours").value;
  return { low: (low / 100) * level, high: (high / 100) * level, colours: table(name), ink: name === "grey, inverted" ? "#000" : "#fff" };
}

function draw() {
  if (state.drawing || !state.volume) return;
  state.drawing = true;
  requestAnimationFrame(() => {
    state.drawing = false;
    drawAll();
  });
}

function drawAll() {
  const { study, history, partner } = state, pose = history.pose, extent = study.automatic.extent;
  const shown = display(study.level), volume = state.gate === null ? state.volume : state.gates[state.gate];
  // A time slot holds its part of the counts.
  if (state.gate !== null) { shown.low /= state.gates.length; shown.high /= state.gates.length; }
  const cone = history.isChanged ? 0 : study.automatic.uncertainty?.long_axis_deg;
  for (const name of Object.keys(PATIENT_VIEWS)) drawPatientView(at(name), name, volume, pose, extent, cone, shown);
  const cut = state.roll === "conventional" ? conventional(pose) : pose;
  for (const view of ["short-axis", "vertical", "horizontal"]) drawRow(at(view), view, volume, cut, extent, shown);
  if (partner) {
    const theirs = state.roll === "conventional" ? conventional(partner.pose) : partner.pose;
    drawRow(at("partner"), "short-axis", partner.volume, theirs, partner.record.automatic.extent, display(partner.record.level));
  }
}

function showNumbers() {
  const { history, study } = state, angles = anglesFromAxes(history.pose.axes);
  for (const name of ANGLES) if (document.activeElement !== at(name)) at(name).value = angles[name].toFixed(1);
  SHIFTS.forEach((name, i) => {
    if (document.activeElement !== at(name)) at(name).value = (history.pose.center[i] - study.center_mm[i]).toFixed(1);
  });
  const turned = angleBetween(column(history.pose.axes, 2), column(history.automatic.axes, 2));
  const moved = norm(add(history.pose.center, history.automatic.center, -1));
  at("moved").textContent = history.isChanged ? `${turned.toFixed(1)}° and ${moved.toFixed(1)} mm from the automatic pose` : "The automatic pose";
  at("accept").textContent = history.isChanged ? "Save correction" : "Accept";
  at("undo").disabled = !history.done.length;
  at("redo").disabled = !history.undone.length;
}

function changed() {
  draw();
  showNumbers();
  clearTimeout(state.timer);
  state.timer = setTimeout(() => refreshPolarMap().catch(() => { at("polar-caption").textContent = "Polar map: no wall to trace here"; }), POLAR_DELAY_MS);
}

async function refreshPolarMap() {
  const { study, history } = state, pose = history.pose;
  const cut = state.roll === "conventional" ? conventional(pose) : pose;
  const record = await server.polarMap(study.study, toRecord(cut));
  if (study !== state.study || pose !== history.pose) return;
  drawPolarMap(at("polar"), record);
  at("polar-caption").textContent = `Polar map, %; fixed bands: summed score ${record.summed_score}, ${Math.round(record.length_mm)} mm, ${Math.round(record.volume_ml)} ml`;
}

function edit(pose) {
  state.history.change(pose);
  changed();
}

function draggable(canvas, name) {
  let drag = null;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (!state.history) return;
    const from = place(event), marks = handles(name, state.history.pose, state.study.automatic.extent, canvas.width);
    const distance = (mark) => Math.hypot(mark[0] - from[0], mark[1] - from[1]);
    const [kind] = Object.keys(marks).sort((a, b) => distance(marks[a]) - distance(marks[b]));
    if (distance(marks[kind]) > GRAB_PIXELS) return;
    drag = { kind, from, pose: state.history.pose };
    state.history.keep();
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const to = place(event), scale = PATIENT_MM / canvas.width, { right, down } = PATIENT_VIEWS[name];
    const offset = add(right.map((value) => value * (to[0] - drag.from[0]) * scale), down, (to[1] - drag.from[1]) * scale);
    state.history.pose = moved(drag, offset);
    changed();
  });
  const end = () => { drag = null; };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
}

function moved({ kind, pose }, offset) {
  if (kind === "center") return shifted(pose, offset);
  const reach = state.study.automatic.extent.length_mm / 2, sign = kind === "apex" ? -1 : 1;
  const end = add(column(pose.axes, 2).map((value) => value * reach * sign), offset);
  return pointed(pose, end.map((value) => value * sign));
}

function rollable(canvas) {
  let drag = null;
  const angle = (event) => {
    const box = canvas.getBoundingClientRect(), pitch = box.width / 10;
    const x = event.clientX - box.left, tile = drag?.tile ?? Math.floor(x / pitch);
    return { tile, degrees: (Math.atan2(event.clientY - box.top - box.height / 2, x - (tile + 0.5) * pitch) * 180) / Math.PI };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (!state.history) return;
    if (state.roll === "conventional") setRoll("anatomical");
    drag = { ...angle(event), pose: state.history.pose };
    state.history.keep();
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) return;
    state.history.pose = rolled(drag.pose, drag.degrees - angle(event).degrees);
    changed();
  });
  const end = () => { drag = null; };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
}

function setRoll(convention) {
  state.roll = convention;
  at("roll").textContent = `Roll: ${convention}`;
  if (state.history) changed();
}

async function decide(action) {
  const { study, history } = state, reviewer = at("reviewer").value.trim();
  if (!reviewer) {
    at("reviewer").focus();
    throw new Error("Your name is missing: whoever signs off is kept with the study.");
  }
  localStorage.setItem("reviewer", reviewer);
  const corrects = action === "accept" && history.isChanged;
  const body = { action: corrects ? "correct" : action, version: study.version, reviewer, comment: at("comment").value };
  if (corrects) body.pose = toRecord(history.pose);
  showRecord(await server.decide(study.study, body));
  at("comment").value = "";
  await refreshList();
  if (action !== "comment") step(1);
}

function step(by) {
  const rows = state.rows, place = rows.findIndex((row) => row.study === state.study?.study);
  const next = rows[place + by];
  if (next) guarded(() => openStudy(next.study));
}

async function play() {
  if (state.playing) return stopPlaying();
  const { study } = state;
  if (!state.gates.length) {
    state.gates = await Promise.all(Array.from({ length: study.gates }, async (_, gate) => new Volume(
      await server.counts(study.study, gate), study.shape, study.patient_from_index,
    )));
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

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  at("theme").textContent = name === "dark" ? "Light" : "Dark";
  localStorage.setItem("theme", name);
}

const MOVES = { a: [-1, 0, 0], d: [1, 0, 0], w: [0, -1, 0], s: [0, 1, 0], e: [0, 0, 1], q: [0, 0, -1] };
const TURNS = { ArrowLeft: ["theta", -1], ArrowRight: ["theta", 1], ArrowUp: ["alpha", -1], ArrowDown: ["alpha", 1], "[": ["beta", -1], "]": ["beta", 1] };

const COMMANDS = {
  n: () => step(1), p: () => step(-1), l: () => showList(at("worklist").hidden), x: () => guarded(() => decide("reject")),
  Enter: () => guarded(() => decide("accept")), z: () => { state.history.undo(); changed(); }, y: () => { state.history.redo(); changed(); },
  0: () => edit(state.history.automatic), c: () => setRoll(state.roll === "conventional" ? "anatomical" : "conventional"),
  t: () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"),
  " ": () => state.study?.gates && guarded(play), "?": () => at("help").showModal(),
};

function onKey(event) {
  if (event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape") { showList(false); return; }
  if (["Enter", " "].includes(event.key) && event.target.closest("button, summary, tr")) return;
  const size = event.shiftKey ? 5 : event.altKey ? 0.2 : 1, key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (state.history && TURNS[key]) {
    const [name, sign] = TURNS[key], pose = state.history.pose;
    edit(name === "beta" ? rolled(pose, sign * size) : withAngle(pose, name, anglesFromAxes(pose.axes)[name] + sign * size));
  } else if (state.history && MOVES[key]) {
    edit(shifted(state.history.pose, MOVES[key].map((value) => value * size)));
  } else if (COMMANDS[key]) {
    COMMANDS[key]();
  } else {
    return;
  }
  event.preventDefault();
}

function typed(name) {
  const value = Number(at(name).value);
  if (at(name).value === "" || !Number.isFinite(value) || !state.history) return;
  const pose = state.history.pose;
  if (ANGLES.includes(name)) edit(withAngle(pose, name, value));
  else {
    const center = [...pose.center], number = SHIFTS.indexOf(name);
    center[number] = state.study.center_mm[number] + value;
    edit({ ...pose, center });
  }
}

function wire() {
  for (const name of Object.keys(PATIENT_VIEWS)) draggable(at(name), name);
  rollable(at("short-axis"));
  for (const name of [...ANGLES, ...SHIFTS]) at(name).addEventListener("change", () => typed(name));
  for (const name of NAMES) at("colours").append(new Option(name, name));
  for (const name of ["colours", "lower", "upper"]) at(name).addEventListener("input", draw);
  const buttons = {
    previous: COMMANDS.p, next: COMMANDS.n, "list-toggle": COMMANDS.l, theme: COMMANDS.t, "help-toggle": COMMANDS["?"],
    undo: COMMANDS.z, redo: COMMANDS.y, reset: COMMANDS[0], roll: COMMANDS.c, accept: COMMANDS.Enter, reject: COMMANDS.x,
    note: () => guarded(() => decide("comment")), play: () => guarded(play),
    copy: () => { edit(state.partner.pose); at("moved").textContent += "; the patient may have moved between the exams: look at the slices"; },
  };
  for (const [id, work] of Object.entries(buttons)) at(id).addEventListener("click", work);
  at("filter").addEventListener("change", drawList);
  document.addEventListener("keydown", onKey);
  at("reviewer").value = localStorage.getItem("reviewer") ?? "";
  setTheme(localStorage.getItem("theme") ?? "dark");
}

async function start() {
  wire();
  await refreshList();
  if (state.rows.length) await openStudy(state.rows[0].study);
  document.body.dataset.ready = "true";
}

window.review = state;
guarded(start);
