// The list of studies, and which of them comes next.

import * as server from "./server.js";
import { at, guarded, notice, state } from "./state.js";

const FLAGS = { review: "review", accept: "no doubt", failed: "cannot be read", "": "being estimated" };

const isRead = (row) => row.state !== "not read";

// What can be looked at, now or once its geometry is stated.
const isStudy = (row) => isRead(row) || row.can_be_stated;

export async function refreshList() {
  [state.rows, state.identities] = await Promise.all([server.worklist(), server.identities()]);
  drawList();
}

// Whether a second reader waits for a row: a first one has decided on it, and nobody has read it again.
export const waitsForSecond = (row) => ["accepted", "corrected", "rejected"].includes(row.state) && !row.second;

// Whether a study waits for whoever reads.
const waits = (row) => (state.isSecond ? waitsForSecond(row) : row.state === "open");

const FILTERS = { flagged: (row) => row.state === "open" && row.flag === "review", second: waitsForSecond };

function shownRows() {
  const wanted = at("filter").value, words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const isWanted = FILTERS[wanted] ?? ((row) => !wanted || row.state === wanted);
  return state.rows.filter((row) => isWanted(row) && holdsAll(row, words));
}

// All words, anywhere: in the title, the file, the reasons, the state, the patient's name, ID or date.
function holdsAll(row, words) {
  const text = [row.title, row.file, row.state, ...row.reasons, identityWords(row.study)].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

// Who a study is of, as the header says; on the page of this machine alone.
export function identityWords(study) {
  const { name = "", patient_id: id = "", date = "" } = state.identities[study] ?? {};
  return [name, id, date].filter(Boolean).join(", ");
}

// Called with the study of a row that is chosen.
let open = () => {};
export const onChoice = (work) => { open = work; };

// The lines of the table by study: what a reader points at, selects or has in focus is not made anew.
const lines = new Map();

// What the reader does with the list since it was shown: whether anything, whether it is pressed, and whether rows
// came while it was.
const use = { isTouched: false, isPressed: false, isDue: false };

// While a reader is at the list, rows stay where they are.
const isInUse = () => isListShown() && (use.isTouched || at("rows").matches(":hover"));

// Draw what is known by now into the lines that are there; `isAnew` sorts them, whoever is at the list.
export function drawList(isAnew = false) {
  // Nothing moves between press and release.
  use.isDue = use.isPressed;
  if (use.isPressed) return;
  const sorted = shownRows(), rows = isInUse() && isAnew !== true ? inPlace(sorted) : sorted;
  const left = state.rows.filter((row) => !isRead(row)).length, opened = state.rows.filter((row) => row.state === "open").length;
  say(at("count"), `${rows.length} of ${state.rows.length}; ${opened} open${left ? `; ${left} not read` : ""}`);
  at("sort").hidden = rows.every((row, number) => row === sorted[number]) && rows.length === sorted.length;
  arrange(rows.map(lineOf));
  const studies = state.rows.filter(isStudy), place = studies.findIndex((row) => row.study === state.opening);
  say(at("place"), studies.length > 1 && place >= 0 ? `${place + 1} of ${studies.length}` : "");
}

// The same rows in another order, or others: the reader asked for it.
export function sortList() {
  use.isTouched = false;
  drawList(true);
}

// Rows that are shown keep their order, with what is known of them now; those that came stand below.
function inPlace(sorted) {
  const known = new Map(state.rows.map((row) => [row.study, row]));
  const kept = Array.from(at("rows").children, (line) => known.get(line.dataset.study)).filter(Boolean), studies = new Set(kept);
  return [...kept, ...sorted.filter((row) => !studies.has(row))];
}

// Put the lines into this order; the one that holds the focus is not moved, which would take it away.
function arrange(wanted) {
  const body = at("rows"), isWanted = new Set(wanted), kept = wanted.find((line) => line.isConnected && line.contains(document.activeElement));
  for (const line of Array.from(body.children)) if (!isWanted.has(line)) line.remove();
  let place = body.firstElementChild;
  for (const line of wanted) {
    while (line === kept && place !== kept) {
      const next = place.nextElementSibling;
      body.append(place);
      place = next;
    }
    if (line === place) place = place.nextElementSibling;
    else body.insertBefore(line, place);
  }
  for (const [study, line] of lines) if (!line.isConnected) lines.delete(study);
}

// Words that are the same are left alone: they may be selected.
function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function lineOf(row) {
  const line = lines.get(row.study) ?? newLine(row.study), seen = stateWords(row), isEdited = state.edits.has(row.study);
  if (row.study === state.opening) line.setAttribute("aria-current", "true");
  else line.removeAttribute("aria-current");
  const cells = [
    [[row.title, identityWords(row.study)].filter(Boolean).join("\n"), "who"], [row.file, ""], [isEdited ? `${seen}, not saved` : seen, state.isSecond ? "" : row.state.replace(" ", "-")],
    [isRead(row) ? FLAGS[row.flag] : "", row.flag], [reasonsOf(row), ""],
  ];
  for (const [number, [words, kind]] of cells.entries()) {
    say(line.cells[number], words);
    if (line.cells[number].className !== kind) line.cells[number].className = kind;
  }
  return line;
}

const COLUMNS = 5;

function newLine(study) {
  const line = document.createElement("tr");
  line.tabIndex = 0;
  line.dataset.study = study;
  for (let number = 0; number < COLUMNS; number++) line.insertCell();
  line.addEventListener("keydown", (event) => chosenByKey(event, line));
  lines.set(study, line);
  return line;
}

// A second reader does not see what the first one decided.
function stateWords(row) {
  const isDecided = row.second || waitsForSecond(row);
  if (state.isSecond && isDecided) return row.second ? "read twice" : "read once";
  return row.second ? `${row.state}; second reader: ${row.second}` : row.state;
}

function reasonsOf(row) {
  const way = row.can_be_stated ? `open it and state the geometry, or ${row.way_on}` : row.way_on;
  return [row.reasons.join("; "), ...(row.way_on ? [`To go on: ${way}`] : [])].join(". ");
}

function chosenByKey(event, line) {
  const sides = { ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling };
  if (event.key === "Enter") open(line.dataset.study);
  else if (sides[event.key]) sides[event.key].focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// Words that were marked are to be copied: that opens nothing.
function chosenByClick(event) {
  const line = event.target.closest("tr"), marked = document.getSelection();
  if (!line || (!marked.isCollapsed && marked.containsNode(line, true))) return;
  open(line.dataset.study);
}

function release() {
  use.isPressed = false;
  // After the click that follows.
  if (use.isDue) setTimeout(drawList);
}

export function wireWorklist() {
  const list = at("worklist");
  for (const kind of ["pointerdown", "keydown", "wheel", "input"]) list.addEventListener(kind, () => { use.isTouched = true; }, { capture: true, passive: true });
  at("rows").addEventListener("pointerdown", () => { use.isPressed = true; });
  for (const kind of ["pointerup", "pointercancel"]) window.addEventListener(kind, release);
  at("rows").addEventListener("click", chosenByClick);
  for (const kind of ["input", "change"]) for (const name of ["filter", "search"]) at(name).addEventListener(kind, () => drawList(true));
  at("sort").addEventListener("click", sortList);
}

export const isListShown = () => !at("worklist").hidden;

// Whether the reader has begun to use the list.
export const isListUsed = () => isListShown() && use.isTouched;

export function showList(wanted) {
  at("worklist").hidden = !wanted;
  at("session").hidden = wanted || !state.study;
  at("list-toggle").setAttribute("aria-expanded", String(wanted));
  Object.assign(use, { isTouched: false, isPressed: false });
  if (!wanted) return;
  drawList(true);
  focusOnRow();
  guarded(refreshList).then(() => { if (document.activeElement === document.body) focusOnRow(); });
}

function focusOnRow() {
  const rows = at("rows");
  (rows.querySelector("[aria-current]") ?? rows.querySelector("tr"))?.focus();
}

export function step(by) {
  const rows = shownRows().filter((row) => isStudy(row) || row.study === state.opening);
  const place = rows.findIndex((row) => row.study === state.opening), next = rows[place + by];
  if (next) open(next.study);
  else notice(by > 0 ? "This is the last study of the list." : "This is the first study of the list.");
}

// After a decision: the next study that waits for one, further down first, with a note of what was done.
export function stepToOpen(done) {
  const rows = state.rows, place = rows.findIndex((row) => row.study === state.opening);
  const isNext = (row) => waits(row) && row.study !== state.opening;
  const next = rows.slice(place + 1).find(isNext) ?? rows.find(isNext);
  if (next) open(next.study, done);
  else notice(`${done} Nothing else ${state.isSecond ? "waits for a second reader" : "is open"}.`);
}
