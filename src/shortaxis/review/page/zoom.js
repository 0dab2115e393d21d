// Any picture of the page, large: a slice of a row at any place, a slice as acquired, a polar map.

import { drawPatientView, drawTile, placesOf, tileBoxes } from "./drawing.js";
import { drawPolarMap } from "./polar_map.js";
import { at, state } from "./state.js";

const STEP_MM = 2;
const PATIENT = ["transaxial", "coronal", "sagittal"];
const FROM = { "short-axis": "from the apex", vertical: "from the long axis", horizontal: "from the long axis" };

let shown = null;

// What lies under a place of a canvas: a row's slice, a slice as acquired or a map, and of which exam.
function pictureOf(canvas, x) {
  const isPartner = canvas.id.startsWith("partner-"), name = canvas.id.replace("partner-", "");
  if (name === "polar") return { kind: "map", isPartner };
  if (PATIENT.includes(name)) return { kind: "patient", name, isPartner };
  const { length_mm: length, radius_mm: radius } = state.study.automatic.extent, places = placesOf(name, length, radius);
  const tile = Math.max(0, Math.min(places.length - 1, Math.floor(x / tileBoxes(canvas, name).pitch)));
  return { kind: "row", view: name, place: places[tile], isPartner };
}

function open(canvas, x) {
  if (!state.study || (canvas.id.startsWith("partner-") && !state.partner)) return;
  shown = pictureOf(canvas, x);
  at("zoom").showModal();
}

export const isZoomed = () => at("zoom").open;

// Draw what is large once more; `scene` is what the page draws of either exam: volumes, poses, levels, maps.
export function drawZoom(scene) {
  const exam = shown?.isPartner ? scene.partner : scene.own;
  if (!shown || !exam) return;
  const canvas = at("zoom-canvas"), { kind } = shown;
  if (kind === "map") drawPolarMap(canvas, exam.map, exam.mapKind);
  else if (kind === "patient") drawPatientView(canvas, shown.name, exam.volume, exam.patient, exam.display);
  else drawTile(canvas, shown.view, exam.volume, exam.cut, exam.extent, shown.place, exam.display, exam.marks);
  at("zoom-caption").textContent = captionOf(exam);
}

function captionOf(exam) {
  if (shown.kind === "map") return exam.mapWords;
  return shown.kind === "patient" ? "" : `${Math.round(shown.place)} mm ${FROM[shown.view]}. The wheel, or ↑ ↓, go through the slices.`;
}

function stepBy(sign, draw) {
  if (shown?.kind !== "row" || !sign) return;
  shown.place += sign * STEP_MM;
  draw();
}

// A double click on any of the canvases.
export function wireZoom(canvases, draw) {
  for (const canvas of canvases) {
    canvas.addEventListener("dblclick", (event) => {
      const box = canvas.getBoundingClientRect();
      open(canvas, ((event.clientX - box.left) * canvas.width) / box.width);
      draw();
    });
  }
  at("zoom-canvas").addEventListener("wheel", (event) => { stepBy(Math.sign(event.deltaY), draw); event.preventDefault(); }, { passive: false });
  at("zoom").addEventListener("keydown", (event) => {
    if (!["ArrowUp", "ArrowDown"].includes(event.key)) return;
    stepBy(event.key === "ArrowUp" ? -1 : 1, draw);
    event.preventDefault();
  });
}
