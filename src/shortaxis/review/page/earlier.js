// The earlier exam of the patient, if one is on the worklist: named beside the title, opened, and compared with the
// exam that is seen, in the numbers and words of the report.

import * as server from "./server.js";
import { drawPolarMap } from "./polar_map.js";
import { toRecord } from "./pose_history.js";
import { editsOf, startingHand, startingPose } from "./starting.js";
import { at, guarded, state } from "./state.js";
import { askedHand } from "./wall_hand.js";

// The one that is chosen; the first one is the one to compare with.
const chosen = () => state.earlier.find((each) => each.study === at("earlier-choice").value) ?? state.earlier[0];

export const isComparable = () => Boolean(chosen()?.is_alike);

// Studies are known to be of one patient once they were read: asked again while others come.
export async function refreshEarlier() {
  const { study } = state;
  if (!study) return;
  const [found, identities] = await Promise.all([server.earlier(study.study), server.identities()]);
  if (study.study !== state.study?.study) return;
  state.identities = identities;
  const isNew = JSON.stringify(found) !== JSON.stringify(state.earlier);
  state.earlier = found;
  showEarlier();
  if (isNew || !isComparable()) redrawChange();
}

// The map of a change, once it is known of what: of an exam without an earlier one there is none.
function redrawChange() {
  const kind = at("map-kind");
  if (kind.value !== "change") return;
  if (!isComparable()) kind.value = "uptake";
  kind.dispatchEvent(new Event("change"));
}

const dayOf = ({ study, days_before: days }) => state.identities[study]?.date || `${days} day${days === 1 ? "" : "s"} before`;
const wordsOf = (each) => `earlier exam ${dayOf(each)}${each.is_alike ? "" : ` (${each.condition})`}`;

export function showEarlier() {
  const { earlier } = state, choice = at("earlier-choice"), before = choice.value;
  const known = earlier.map((each) => [each.study, wordsOf(each)]);
  // Nothing is made anew that is the same: it may be open under the pointer.
  if (JSON.stringify(known) !== JSON.stringify(Array.from(choice.options, (each) => [each.value, each.text]))) {
    choice.replaceChildren(...known.map(([study, words]) => new Option(words, study)));
    if (earlier.some((each) => each.study === before)) choice.value = before;
  }
  at("earlier").hidden = !earlier.length;
  choice.hidden = earlier.length < 2;
  at("earlier-words").hidden = earlier.length !== 1;
  at("earlier-words").textContent = earlier.length === 1 ? wordsOf(earlier[0]) : "";
  showComparable();
}

function showComparable() {
  const kind = at("map-kind").querySelector("[value=change]"), isThere = isComparable();
  at("earlier-compare").hidden = kind.hidden = kind.disabled = !isThere;
}

// Of a heart on the page: its pose and what was set of its wall.
const heart = (pose, hand) => ({ ...toRecord(pose), wall_by_hand: askedHand(hand) });

async function heartOf(study) {
  const record = await server.study(study), edits = editsOf(record);
  return edits ? heart(edits.pose, edits.hand) : heart(startingPose(record), startingHand(record));
}

let last = { key: "", answer: null };

// What the report tells of this exam against the earlier one; nothing where there is none.
export async function comparison() {
  const { study, history } = state, earlier = chosen();
  if (!earlier?.is_alike) return null;
  const hearts = { earlier: earlier.study, now: heart(history.pose, history.hand), before: await heartOf(earlier.study) };
  const normals = at("normals").value, key = JSON.stringify([study.study, study.version, study.content, hearts, normals]);
  if (last.key !== key) last = { key, answer: server.comparison(study.study, hearts, normals) };
  const asked = last;
  try {
    return await asked.answer;
  } catch (error) {
    if (last === asked) last = { key: "", answer: null };
    throw error;
  }
}

export const changeWords = ({ words, not_called: small, doubts, notes }) => [
  words, ...small, ...doubts.map((each) => `Reason to doubt: ${each}.`), ...notes.map((each) => `Note: ${each}.`),
].join("\n");

const MAPS = {
  earlier: "Earlier: uptake, colours from 0 to 100 %",
  now: "Now: uptake, colours from 0 to 100 %",
  change: "Change, % of normal: red less, blue more, to 50 %; in brackets the score, + worse",
};

async function openComparison() {
  const { study } = state, earlier = chosen();
  const panel = at("comparison");
  at("comparison-title").textContent = `Compared with the ${wordsOf(earlier)}`;
  at("comparison-words").textContent = "Both exams are measured…";
  at("comparison-body").hidden = true;
  if (!panel.open) panel.showModal();
  try {
    const found = await comparison();
    if (study === state.study && found) fill(found);
  } catch (error) {
    at("comparison-words").textContent = error.message;
  }
}

function fill(found) {
  const [words, ...others] = changeWords(found).split("\n");
  at("comparison-words").textContent = words;
  at("comparison-others").replaceChildren(...others.map((each) => element("li", each)));
  for (const [name, caption] of Object.entries(MAPS)) {
    const map = name === "change" ? found.change : found.maps[name];
    at(`comparison-${name}`).closest("figure").hidden = !map;
    at(`comparison-${name}-caption`).textContent = caption;
    if (map) drawPolarMap(at(`comparison-${name}`), map, name === "change" ? "change" : "uptake");
  }
  at("comparison-head").replaceChildren(...found.head.map((each) => element("th", each)));
  at("comparison-rows").replaceChildren(...found.rows.map((row) => {
    const line = document.createElement("tr");
    line.append(...row.map((each) => element("td", each)));
    return line;
  }));
  at("comparison-measures").textContent = found.measures.join(" ");
  at("comparison-body").hidden = false;
}

function element(name, words) {
  return Object.assign(document.createElement(name), { textContent: words });
}

// `open` opens a study, `remap` draws the polar map again.
export function wireEarlier(open, remap) {
  at("earlier-open").addEventListener("click", () => open(chosen().study));
  at("earlier-compare").addEventListener("click", () => guarded(openComparison));
  at("earlier-choice").addEventListener("change", () => { showComparable(); remap(); });
}
