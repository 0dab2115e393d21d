// The review page: one study at a time, drawn anew whenever its pose or its display changes.

import { NAMES } from "./colours.js";
import { wireFunction } from "./function.js";
import { keepEdits, openStudy } from "./session.js";
import { PATIENT_VIEWS } from "./geometry.js";
import { setTheme, wireKeysAndButtons } from "./keys.js";
import { wireOrientation } from "./orientation.js";
import { patientView, sliceRow } from "./pointing.js";
import { wireProjections } from "./projections.js";
import { at, guarded, state } from "./state.js";
import { ROWS, draw, remap } from "./views.js";
import { drawList, onChoice, refreshList, showList } from "./worklist.js";

function wire() {
  for (const name of Object.keys(PATIENT_VIEWS)) patientView(name);
  for (const view of ROWS) sliceRow(view);
  for (const name of NAMES) at("colours").append(new Option(name, name));
  for (const name of ["colours", "lower", "upper"]) at(name).addEventListener("input", () => { showLevels(); draw(); });
  at("filter").addEventListener("change", drawList);
  for (const name of ["map-kind", "normals"]) at(name).addEventListener("change", remap);
  onChoice((study, done) => {
    keepEdits();
    guarded(() => openStudy(study, done));
  });
  wireKeysAndButtons();
  wireOrientation();
  wireProjections();
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
  if (document.visibilityState === "visible" && !document.activeElement?.closest("#rows")) refreshList().catch(() => {});
}

async function start() {
  wire();
  await refreshList();
  const [first] = state.rows.filter((row) => row.state === "open").concat(state.rows);
  if (first && (first.state !== "not read" || first.can_be_stated)) await openStudy(first.study);
  else showList(true);
  document.body.dataset.ready = "true";
  setInterval(refreshNowAndThen, REFRESH_MS);
}

window.review = state;
guarded(start);
