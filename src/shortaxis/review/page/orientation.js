// The orientation panel: which way round a volume lies, chosen by pictures and stated by name.

import * as server from "./server.js";
import { paint, table } from "./colours.js";
import { PATIENT_VIEWS, add, cross, dot } from "./geometry.js";
import { letters } from "./drawing.js";
import { at, notice, state } from "./state.js";
import { Volume } from "./volume.js";

const PIXELS = 132, DEPTH_MM = 7, BRIGHT_PART = 0.995;
const VIEWS = ["coronal", "transaxial"];
const SIZES = { slice_spacing_mm: "orientation-slice", pixel_spacing_mm: "orientation-pixel" };
const LACKS = {
  orientation: "The file does not say which way round it lies: choose the order of its axes first, then the picture.",
  slice_spacing_mm: "The file does not say the distance between slices: type it. Until then the pictures take 6.4 mm.",
  pixel_spacing_mm: "The file does not say the size of a pixel: type it. Until then the pictures take 6.4 mm.",
};

let panel = null; // of the study whose panel is open: its identifier, choices, counts, what to do then

// Called with the study once its geometry was stated.
export async function openOrientation(study, refusal, onStated) {
  if (!study) return;
  const [record, counts] = await Promise.all([server.orientation(study, {}), server.storedCounts(study)]);
  if (state.opening !== study) return;
  panel = { study, record, counts, onStated };
  for (const id of Object.values(SIZES)) at(id).value = "";
  at("orientation-comment").value = "";
  at("orientation-reviewer").value = at("reviewer").value;
  // What to do is what the panel is for.
  at("orientation-reason").textContent = refusal.split("\n").filter((line, number) => !number || line.startsWith("found")).join("; ");
  at("orientation-reason").hidden = !refusal;
  at("orientation-proposal").hidden = !record.groups.some(hasProposal);
  showGroups(0);
  if (!at("orientation").open) at("orientation").showModal();
  const choices = at("orientation-choices");
  (choices.querySelector("input:checked") ?? choices.querySelector("input"))?.focus();
}

const hasProposal = (group) => group.choices.some((each) => each.is_proposed);

// What is proposed is shown first, and chosen; else how it is read now.
function showGroups(chosen) {
  const { groups } = panel.record, proposed = groups.findIndex(hasProposal);
  const present = proposed >= 0 ? proposed : groups.findIndex((group) => group.choices.some((each) => each.is_present));
  at("orientation-group").replaceChildren(...groups.map((group, number) => new Option(group.words, number)));
  at("orientation-group").value = chosen || Math.max(present, 0);
  showChoices(-1);
}

function showChoices(chosen) {
  const { choices } = panel.record.groups[Number(at("orientation-group").value)];
  const pictures = choices.map((choice) => VIEWS.map((name) => projection(choice, name)));
  const cards = at("orientation-choices").children;
  // Cards that are there are filled anew: one that is pressed at this moment is chosen all the same.
  if (cards.length !== choices.length) at("orientation-choices").replaceChildren(...choices.map((_, number) => card(number)));
  for (const [number, choice] of choices.entries()) fill(cards[number], choice, pictures[number]);
  const proposed = choices.findIndex((choice) => choice.is_proposed);
  const first = proposed >= 0 ? proposed : choices.findIndex((choice) => choice.is_present);
  const wanted = chosen < 0 ? first : chosen;
  const input = at("orientation-choices").querySelectorAll("input")[wanted];
  if (input) input.checked = true;
  showState("");
}

const chosenNumber = () => Number(at("orientation-choices").querySelector("input:checked")?.value ?? -1);

function chosenChoice() {
  return panel.record.groups[Number(at("orientation-group").value)].choices[chosenNumber()];
}

// What is missing, and whether the button can be pressed.
function showState(error) {
  const choice = chosenChoice(), { assumed } = panel.record;
  const isKnown = !assumed.some((name) => name in SIZES);
  at("orientation-lacks").textContent = assumed.map((name) => LACKS[name]).join(" ");
  at("orientation-state").disabled = !choice || choice.is_present || !isKnown;
  at("orientation-state").textContent = choice?.is_present ? "This is how it is read now" : "State this orientation";
  at("orientation-error").textContent = error;
}

function card(number) {
  const label = document.createElement("label"), input = document.createElement("input"), row = document.createElement("span");
  Object.assign(input, { type: "radio", name: "orientation-choice", value: String(number) });
  row.className = "pictures";
  label.append(row, input, document.createElement("span"), document.createElement("small"));
  return label;
}

function fill(label, choice, pictures) {
  const [row, , words, tags] = label.children;
  words.textContent = choice.words;
  tags.textContent = [choice.is_present ? "as read now" : "", choice.is_proposed ? "proposed" : "", choice.is_mirror ? "mirror image of the file" : ""].filter(Boolean).join(", ");
  row.replaceChildren(...pictures.map((picture, view) => drawn(picture, VIEWS[view])));
}

function drawn(counts, name) {
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d");
  canvas.width = canvas.height = PIXELS;
  canvas.setAttribute("aria-label", `${name} picture`);
  const picture = context.createImageData(PIXELS, PIXELS), colours = at("colours").value;
  paint(counts, new Uint32Array(picture.data.buffer), 0, bright(counts), table(colours));
  context.putImageData(picture, 0, 0);
  letters(context, PATIENT_VIEWS[name].letters, 0, 0, PIXELS, PIXELS, colours === "grey, inverted" ? "#000" : "#fff");
  return canvas;
}

const bright = (counts) => Float32Array.from(counts).sort()[Math.floor(BRIGHT_PART * (counts.length - 1))];

// Highest counts along the line of sight, with the whole volume in the picture.
function projection(choice, name) {
  const { shape } = panel.record, affine = choice.patient_from_index;
  const volume = new Volume(panel.counts, shape, affine);
  const middle = [0, 1, 2].map((i) => affine[i][3] + [0, 1, 2].reduce((sum, j) => sum + (affine[i][j] * (shape[j] - 1)) / 2, 0));
  const reach = (side) => [0, 1, 2].reduce((sum, j) => sum + Math.abs(dot([affine[0][j], affine[1][j], affine[2][j]], side)) * shape[j], 0);
  const { right, down } = PATIENT_VIEWS[name], normal = cross(right, down), depth = reach(normal);
  const step = Math.max(reach(right), reach(down)) / PIXELS, half = ((PIXELS - 1) / 2) * step;
  const scaled = (side) => side.map((value) => value * step);
  const highest = new Float32Array(PIXELS * PIXELS), plane = new Float32Array(PIXELS * PIXELS);
  const planes = Math.ceil(depth / DEPTH_MM);
  for (let number = 0; number < planes; number++) {
    const through = add(middle, normal, (number - (planes - 1) / 2) * DEPTH_MM);
    const first = add(add(through, right, -half), down, -half);
    volume.plane(first, scaled(right), scaled(down), PIXELS, PIXELS, plane);
    for (let i = 0; i < plane.length; i++) if (plane[i] > highest[i]) highest[i] = plane[i];
  }
  return highest;
}

// Distances that were typed change the pictures, and what is stated.
async function typeSizes() {
  const sizes = {};
  for (const [name, id] of Object.entries(SIZES)) {
    if (at(id).value !== "") sizes[name] = at(id).value;
  }
  const { study } = panel;
  try {
    const record = await server.orientation(study, sizes);
    if (panel.study !== study) return;
    panel.record = record;
    // What is chosen by now, while the pictures were made.
    showChoices(chosenNumber());
  } catch (error) {
    showState(error.message);
  }
}

async function stateChoice() {
  const reviewer = at("orientation-reviewer").value.trim(), choice = chosenChoice(), { study, record, onStated } = panel;
  if (!choice) return;
  if (!reviewer) {
    at("orientation-reviewer").focus();
    showState("Your name is missing: whoever states an orientation is kept with the study.");
    return;
  }
  at("reviewer").value = reviewer;
  localStorage.setItem("reviewer", reviewer);
  at("orientation-state").disabled = true;
  const body = { version: record.version, reviewer, comment: at("orientation-comment").value, stated: choice.stated };
  try {
    await server.stateOrientation(study, body);
  } catch (error) {
    showState(error.message);
    return;
  }
  state.edits.delete(study);
  at("orientation").close();
  await onStated(study);
}

export function wireOrientation() {
  at("orientation-group").addEventListener("change", () => showChoices(-1));
  at("orientation-choices").addEventListener("change", () => showState(""));
  for (const id of Object.values(SIZES)) at(id).addEventListener("change", typeSizes);
  at("orientation-cancel").addEventListener("click", () => at("orientation").close());
  at("orientation-form").addEventListener("submit", (event) => {
    event.preventDefault();
    notice();
    if (!at("orientation-state").disabled) stateChoice();
  });
}
