// The review page: one study at a time, drawn anew whenever its pose or its display changes.

import { NAMES } from "./colours.js";
import { refreshEarlier, wireEarlier } from "./earlier.js";
import { wireFunction } from "./function.js";
import { keepEdits, openStudy } from "./session.js";
import { PATIENT_VIEWS } from "./geometry.js";
import { setTheme, wireKeysAndButtons } from "./keys.js";
import { wireOrientation } from "./orientation.js";
import { patientView, sliceRow } from "./pointing.js";
import { wireProjections } from "./projections.js";
import { wireReaders } from "./readers.js";
import { at, guarded, state } from "./state.js";
import { ROWS, draw, remap } from "./views.js";
import { isListUsed, onChoice, refreshList, showList, wireWorklist } from "./worklist.js";
import { wireZoom } from "./zoom.js";

function wire() {
  for (const name of Object.keys(PATIENT_VIEWS)) patientView(name);
  for (const view of ROWS) sliceRow(view);
  for (const name of NAMES) at("colours").append(new Option(name, name));
  for (const name of ["colours", "lower", "upper"]) at(name).addEventListener("input", () => { showLevels(); draw(); });
  for (const name of ["map-kind", "normals"]) at(name).addEventListener("change", remap);
  const open = (study, done) => {
    keepEdits();
    guarded(() => openStudy(study, done));
  };
  onChoice(open);
  wireEarlier(open, remap);
  wireWorklist();
  wireKeysAndButtons();
  wireOrientation();
  wireProjections();
  wireReaders();
  wireZoom(document.querySelectorAll("#patient-views canvas, #cardiac-views canvas"), draw);
  wireFunction();
  window.addEventListener("beforeunload", (event) => {
    keepEdits();
    if (state.edits.size) event.preventDefault();
  });
  at("reviewer").value = localStorage.getItem("reviewer") ?? "";
  showLevels();
  setTheme(localStorage.getItem("theme") ?? "dark");
}

function showLevels() {
  for (const name of ["lower", "upper"]) at(`${name}-value`).textContent = `${at(name).value} %`;
}

// Studies come, and poses are estimated, while nobody asks.
const REFRESH_MS = 10000;

function refreshNowAndThen() {
  if (document.visibilityState === "visible") Promise.all([refreshList(), refreshEarlier()]).catch(() => {});
}

const WAITING_MS = 300;

// The worklist begins with the studies in doubt once every flag is known: until then nothing is opened, unless the
// reader chooses. Over a list that is being used nothing is opened later, either.
async function allFlagsKnown() {
  const isWaiting = () => state.rows.some((row) => row.is_being_estimated) && !state.opening;
  if (!isWaiting()) return;
  showList(true);
  while (isWaiting()) {
    const left = state.rows.filter((row) => row.is_being_estimated).length;
    at("estimating").textContent = `The axes of ${left} of ${state.rows.length} studies are still being found. The first one in doubt opens when all are; a click opens any now.`;
    await new Promise((resolve) => { setTimeout(resolve, WAITING_MS); });
    await refreshList();
  }
  at("estimating").textContent = isListUsed() ? "The axes of all studies are found. Choose one." : "";
}

async function openFirst() {
  if (state.opening || isListUsed()) return;
  const [first] = state.rows.filter((row) => row.state === "open").concat(state.rows);
  if (first && (first.state !== "not read" || first.can_be_stated)) await openStudy(first.study);
  else showList(true);
}

async function start() {
  wire();
  await refreshList();
  await allFlagsKnown();
  await openFirst();
  document.body.dataset.ready = "true";
  setInterval(refreshNowAndThen, REFRESH_MS);
}

window.review = state;
guarded(start);
