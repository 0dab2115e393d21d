// The function panel of a gated study: numbers, the beating heart, and polar maps of motion, thickening and phase.

import { beatView, dashed, plotAxes } from "./beat_view.js";
import * as server from "./server.js";
import { drawMap } from "./polar_map.js";
import { toRecord } from "./pose_history.js";
import { at, guarded, state } from "./state.js";
import { surfaceView } from "./surface_view.js";
import { cutPose, solidColours } from "./views.js";

const MAP_PX = 240, SCALE_PX = 34, PHASES = [400, 240];

let view = null; // the beating heart that is shown

// Of the pose that is seen, automatic or not.
export async function openFunction() {
  const { study, history } = state, { pose } = history;
  const answer = await server.functionOf(study.study, toRecord(cutPose(pose)), at("function-phase").value);
  if (study !== state.study || pose !== history.pose) return;
  const { quality, notes = [], notice } = answer.record;
  at("function-flag").textContent = quality.flag === "review" ? "Function: to be reviewed" : "Function: accepted";
  at("function-flag").className = quality.flag;
  at("function-reasons").replaceChildren(...[...quality.reasons, ...notes].map((words) => element("li", words)));
  at("function-notice").textContent = notice;
  at("function-body").hidden = !answer.beat;
  view?.play(false);
  if (answer.beat) show(answer);
  if (!at("function").open) at("function").showModal();
}

function show({ beat, maps, phases, rows }) {
  at("function-rows").tBodies[0].replaceChildren(...rows.map((row) => {
    const line = document.createElement("tr");
    line.append(...row.map((words) => element("td", words)));
    return line;
  }));
  at("function-maps").replaceChildren(...maps.map(mapFigure));
  if (phases) phaseFigure(at("function-maps"), phases, maps.at(-1));
  view = beatView(at("function-beat"), beat, { surfaceView, colours: solidColours() });
  state.beat = view;
  view.play(!matchMedia("(prefers-reduced-motion: reduce)").matches);
}

function mapFigure({ title, values, angles_deg: angles, labels, limits, scale, doubt, ticks, colours }) {
  const [figure, canvas] = framed(`Polar map: ${title}`, [title, scale, doubt].filter(Boolean).join("; "), MAP_PX, MAP_PX + SCALE_PX);
  drawMap(canvas, { values, angles, segments: labels, colour: colourOf(colours, limits) });
  drawScale(canvas, colours, limits, ticks);
  return figure;
}

function framed(name, caption, width, height) {
  const figure = document.createElement("figure"), canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height, className: "plot" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", name);
  figure.append(canvas, element("figcaption", caption));
  return [figure, canvas];
}

// The step of a value, as matplotlib chooses it.
const colourOf = (colours, [low, high]) => (value) => colours[Math.max(0, Math.min(colours.length - 1, Math.floor(((value - low) / (high - low)) * colours.length)))];

// The colours below a map.
function drawScale(canvas, colours, [low, high], ticks) {
  const context = canvas.getContext("2d"), left = 14, width = canvas.width - 2 * left, top = MAP_PX + 2;
  for (const [number, colour] of colours.entries()) {
    context.fillStyle = colour;
    context.fillRect(left + (width * number) / colours.length, top, width / colours.length + 1, 10);
  }
  context.fillStyle = getComputedStyle(document.body).color;
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (const tick of ticks) context.fillText(tick, left + (width * (tick - low)) / (high - low), top + 25);
}

// The histogram in the colours of its map, with mean and bandwidth.
function phaseFigure(root, phases, { colours, limits }) {
  const [figure, canvas] = framed("Histogram of the phases", `Phases: ${phases.mean}, ${phases.range}; ${phases.counted}`, ...PHASES), context = canvas.getContext("2d");
  root.append(figure);
  const place = plotAxes(canvas, { ticksX: phases.ticks_deg, ticksY: phases.ticks_percent, lastX: 360, topY: phases.top_percent, wordsX: phases.phase_words, wordsY: phases.wall_words });
  const colour = colourOf(colours, limits), ink = getComputedStyle(canvas).color;
  for (const [bin, percent] of phases.percent.entries()) {
    const [x, y] = place(bin * phases.bin_deg, percent), [right, bottom] = place((bin + 1) * phases.bin_deg, 0);
    context.fillStyle = colour((bin + 0.5) * phases.bin_deg);
    context.fillRect(x, y, right - x, bottom - y);
  }
  dashed(context, [place(phases.mean_deg, 0), place(phases.mean_deg, phases.top_percent)], ink);
  for (const range of phases.ranges_deg) {
    const [[from, y], [to]] = range.map((degrees) => place(degrees, phases.top_percent));
    context.fillStyle = ink;
    context.fillRect(from, y + 3, Math.max(to - from, 1), 3);
  }
}

function element(name, words) {
  const made = document.createElement(name);
  made.textContent = words;
  return made;
}

export function wireFunction() {
  at("function").addEventListener("close", () => view?.play(false));
  at("function-phase").addEventListener("change", () => guarded(openFunction));
}
