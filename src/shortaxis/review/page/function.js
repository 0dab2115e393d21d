// The function panel of a gated study: numbers, the beating heart, and polar maps of motion, thickening and phase.

import { beatView } from "./beat_view.js";
import { css } from "./colours.js";
import * as server from "./server.js";
import { drawMap } from "./polar_map.js";
import { toRecord } from "./pose_history.js";
import { at, guarded, state } from "./state.js";
import { surfaceView } from "./surface_view.js";
import { cutPose, solidColours } from "./views.js";

const MAP_PX = 240;

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

function show({ beat, maps, rows }) {
  at("function-rows").tBodies[0].replaceChildren(...rows.map((row) => {
    const line = document.createElement("tr");
    line.append(...row.map((words) => element("td", words)));
    return line;
  }));
  at("function-maps").replaceChildren(...maps.map(mapFigure));
  view = beatView(at("function-beat"), beat, { surfaceView, colours: solidColours() });
  state.beat = view;
  view.play(!matchMedia("(prefers-reduced-motion: reduce)").matches);
}

function mapFigure({ title, values, angles_deg: angles, segments, limits: [low, high] }) {
  const figure = document.createElement("figure"), canvas = document.createElement("canvas");
  canvas.width = canvas.height = MAP_PX;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Polar map: ${title}`);
  drawMap(canvas, { values, angles, segments, colour: (value) => css("rainbow", (value - low) / (high - low)) });
  figure.append(canvas, element("figcaption", `${title}, colours from ${low} to ${high}`));
  return figure;
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
