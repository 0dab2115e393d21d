// The projections panel: cine, sinogram, linogram, and where the patient lay.

import * as server from "./server.js";
import { paint, table } from "./colours.js";
import { at, state } from "./state.js";

const FRAME_MS = 90;
const SIDES = ["--accent", "--good", "--warn"]; // to the left, to the back, to the head

let panel = null; // what is shown: record, levels of the cine, view, timer

const levels = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

export async function openProjections(study) {
  const record = await server.projections(study);
  if (state.opening !== study) return;
  panel = { record, cine: levels(record.cine), view: 0, timer: 0 };
  at("projections-words").textContent = record.words;
  at("projections-made").textContent = record.made ? `Reconstructed with ${record.made}.` : "";
  at("cine-view").max = record.views - 1;
  const { views, rows, bins } = record;
  picture("sinogram", levels(record.sinogram), bins, views);
  picture("linogram", turned(levels(record.linogram), views, rows), views, rows);
  for (const view of record.marked_views) {
    mark("sinogram", 0, view, bins, view);
    mark("linogram", view, 0, view, rows);
  }
  drawCourse();
  showView(0);
  if (!at("projections").open) at("projections").showModal();
  play(true);
}

function picture(id, values, width, height) {
  const canvas = at(id), context = canvas.getContext("2d");
  Object.assign(canvas, { width, height });
  const image = context.createImageData(width, height);
  paint(values, new Uint32Array(image.data.buffer), 0, 255, table(at("colours").value));
  context.putImageData(image, 0, 0);
}

// Views go across, so that a place is a level line.
function turned(values, views, rows) {
  const across = new Uint8Array(values.length);
  for (let view = 0; view < views; view++) for (let row = 0; row < rows; row++) across[row * views + view] = values[view * rows + row];
  return across;
}

function mark(id, ...ends) {
  const context = at(id).getContext("2d"), [x, y, toX, toY] = ends;
  context.fillStyle = "#ff5a5f";
  context.fillRect(x - (x === toX ? 0.25 : 0), y - (y === toY ? 0.25 : 0), Math.max(toX - x, 0.5), Math.max(toY - y, 0.5));
}

function showView(view) {
  const { rows, bins, views, angles_deg: angles } = panel.record;
  panel.view = (view + views) % views;
  at("cine-view").value = panel.view;
  picture("cine", panel.cine.subarray(panel.view * rows * bins, (panel.view + 1) * rows * bins), bins, rows);
  at("cine-caption").textContent = `View ${panel.view + 1} of ${views}, ${angles[panel.view].toFixed(1)}°`;
}

function drawCourse() {
  const canvas = at("course"), context = canvas.getContext("2d"), { course_mm: course } = panel.record;
  const reach = Math.max(5, ...course.flat().map(Math.abs)), middle = canvas.height / 2;
  const style = getComputedStyle(document.documentElement);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.font = "20px sans-serif";
  context.fillStyle = context.strokeStyle = "#8a94a0";
  context.fillText(`${reach.toFixed(0)} mm`, 6, 22);
  context.fillText(`-${reach.toFixed(0)} mm`, 6, canvas.height - 8);
  context.fillRect(0, middle, canvas.width, 1);
  SIDES.forEach((name, side) => {
    context.beginPath();
    context.lineWidth = 4 - side; // none hides another
    context.strokeStyle = style.getPropertyValue(name);
    course.forEach((place, step) => {
      context.lineTo((step / Math.max(course.length - 1, 1)) * canvas.width, middle - (place[side] / reach) * (middle - 30));
    });
    context.stroke();
  });
}

function play(isOn) {
  clearInterval(panel?.timer);
  if (!panel) return;
  panel.timer = isOn ? setInterval(() => showView(panel.view + 1), FRAME_MS) : 0;
  at("cine-play").textContent = isOn ? "Stop" : "Play";
  at("cine-play").setAttribute("aria-pressed", String(isOn));
}

export function wireProjections() {
  at("cine-play").addEventListener("click", () => play(!panel.timer));
  at("cine-view").addEventListener("pointerdown", () => play(false));
  at("cine-view").addEventListener("input", () => { play(false); showView(Number(at("cine-view").value)); });
  at("projections").addEventListener("close", () => play(false));
}
