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

export function drawList() {
  const shown = shownRows(), isOpen = (row) => row.state === "open";
  const left = state.rows.filter((row) => !isRead(row)).length;
  at("count").textContent = `${shown.length} of ${state.rows.length}; ${state.rows.filter(isOpen).length} open${left ? `; ${left} not read` : ""}`;
  at("rows").replaceChildren(...shown.map(lineOf));
  const studies = state.rows.filter(isStudy), place = studies.findIndex((row) => row.study === state.opening);
  at("place").textContent = studies.length > 1 && place >= 0 ? `${place + 1} of ${studies.length}` : "";
}

function lineOf(row) {
  const line = document.createElement("tr"), isEdited = state.edits.has(row.study);
  line.tabIndex = 0;
  line.dataset.study = row.study;
  if (row.study === state.opening) line.setAttribute("aria-current", "true");
  const seen = stateWords(row);
  const cells = [
    [[row.title, identityWords(row.study)].filter(Boolean).join("\n"), "who"], [row.file, ""], [isEdited ? `${seen}, not saved` : seen, state.isSecond ? "" : row.state.replace(" ", "-")],
    [isRead(row) ? FLAGS[row.flag] : "", row.flag], [reasonsOf(row), ""],
  ];
  line.append(...cells.map(([words, kind]) => {
    const cell = document.createElement("td");
    cell.textContent = words;
    cell.className = kind;
    return cell;
  }));
  line.addEventListener("click", () => open(row.study));
  line.addEventListener("keydown", (event) => chosenByKey(event, line, row));
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

function chosenByKey(event, line, row) {
  const sides = { ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling };
  if (event.key === "Enter") open(row.study);
  else if (sides[event.key]) sides[event.key].focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

export const isListShown = () => !at("worklist").hidden;

export function showList(wanted) {
  at("worklist").hidden = !wanted;
  at("session").hidden = wanted || !state.study;
  at("list-toggle").setAttribute("aria-expanded", String(wanted));
  if (!wanted) return;
  guarded(refreshList).then(() => {
    const rows = at("rows");
    (rows.querySelector("[aria-current]") ?? rows.querySelector("tr"))?.focus();
  });
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
