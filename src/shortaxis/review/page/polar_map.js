// The polar map on a canvas.

import { css } from "./colours.js";
import { letters } from "./drawing.js";

// Where apex, apical, mid and basal ring end, as parts of the map's radius.
export const RING_RADII = [0.2, 0.2 + 0.8 / 3, 0.2 + 1.6 / 3, 1];

// Levels and angles as the server gives them; apex in the middle, anterior up, septum left. The severity is black
// where all is lost, and is drawn only where something is scored. A difference is red where stress has less than rest, a change
// where there is less than before.
export function drawPolarMap(canvas, record, kind = "uptake") {
  const isSeverity = kind === "severity" && record.scores;
  if (kind === "difference") {
    drawMap(canvas, { values: record.uptake_percent, angles: record.angles_deg, segments: record.segment_scores ?? {}, colour: differenceColour, scale: OF_CHANGE });
    return;
  }
  if (kind === "change") {
    drawMap(canvas, { values: record.values, angles: record.angles_deg, segments: changeLabels(record), colour: differenceColour, scale: OF_CHANGE });
    return;
  }
  drawMap(canvas, {
    values: isSeverity ? record.scores : record.uptake_percent,
    angles: record.angles_deg,
    segments: isSeverity ? record.segment_scores : record.segment_uptakes,
    colour: isSeverity ? severityColour : (uptake) => css("rainbow", uptake / 100),
    scale: isSeverity ? [0, 4, ""] : [0, 100, " %"],
  });
}

// Any values (level, angle) with the means of the segments; `colour` gives that of a value, and `scale` the values at
// the ends of the bar of colours, and their unit.
export function drawMap(canvas, { values, angles, segments: means, colour, scale = null }) {
  const context = canvas.getContext("2d"), size = canvas.width, middle = size / 2, radius = size * 0.42;
  context.clearRect(0, 0, size, size);
  const levels = values.length, count = angles.length, half = Math.PI / count;
  for (const [level, row] of values.entries()) {
    for (const [number, uptake] of row.entries()) {
      const angle = (angles[number] * Math.PI) / 180;
      context.beginPath();
      context.arc(middle, middle, (radius * (level + 1.05)) / levels, angle - half * 1.05, angle + half * 1.05);
      context.arc(middle, middle, (radius * level) / levels, angle + half * 1.05, angle - half * 1.05, true);
      context.fillStyle = colour(uptake);
      context.fill();
    }
  }
  rings(context, middle, radius);
  segments(context, means, middle, radius);
  if (scale) colourBar(context, size, colour, scale);
}

// In the corner that the map leaves free.
function colourBar(context, size, colour, [low, high, unit]) {
  const width = Math.round(0.2 * size), top = size - 9;
  for (let x = 0; x < width; x++) {
    context.fillStyle = colour(low + ((high - low) * x) / (width - 1));
    context.fillRect(3 + x, top, 1, 6);
  }
  const ink = getComputedStyle(document.body).color;
  context.strokeStyle = context.fillStyle = ink;
  context.lineWidth = 1;
  context.strokeRect(2.5, top - 0.5, width + 1, 7);
  context.font = "10px system-ui, sans-serif";
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.fillText(`${signedIf(low < 0, low)} to ${signedIf(low < 0, high)}${unit}`, 3, top - 4);
}

const signedIf = (isSigned, value) => (isSigned ? signed(value) : value);

const severityColour = (score) => `rgb(${[0, 1, 2].map(() => Math.round(255 * (1 - score / 4))).join(" ")})`;

const signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value)}`;

// Mean change of each segment; its score, too, where it is one.
function changeLabels({ segments_percent: means, segment_scores: scores }) {
  return Object.fromEntries(Object.entries(means).map(([number, mean]) => [
    number, `${signed(Math.round(mean))}${scores[number] ? ` (${signed(scores[number])})` : ""}`,
  ]));
}

const MOST_CHANGED = 50, OF_CHANGE = [-MOST_CHANGED, MOST_CHANGED, " %"];

function differenceColour(change) {
  const part = Math.max(-1, Math.min(1, change / MOST_CHANGED)), faded = Math.round(255 * (1 - Math.abs(part)));
  return part < 0 ? `rgb(255 ${faded} ${faded})` : `rgb(${faded} ${faded} 255)`;
}

function rings(context, middle, radius) {
  context.strokeStyle = "rgb(255 255 255 / 80%)";
  context.lineWidth = 0.8;
  for (const edge of RING_RADII) {
    context.beginPath();
    context.arc(middle, middle, radius * edge, 0, 2 * Math.PI);
    context.stroke();
  }
}

function segments(context, values, middle, radius) {
  const ink = getComputedStyle(document.body).color;
  letters(context, ["Ant", "Inf", "S", "L"], 0, 0, 2 * middle, 2 * middle, ink);
  context.font = "bold 11px system-ui, sans-serif";
  context.lineWidth = 3;
  for (const [number, uptake] of Object.entries(values)) {
    if (uptake === null) continue;
    const [angle, part] = segmentPlace(Number(number));
    const x = middle + part * radius * Math.cos(angle), y = middle + part * radius * Math.sin(angle);
    context.strokeStyle = "#ffffff";
    const words = typeof uptake === "number" ? Math.round(uptake) : uptake;
    context.strokeText(words, x, y);
    context.fillStyle = "#000000";
    context.fillText(words, x, y);
  }
}

// Angle from the lateral wall towards the inferior one, and part of the map's radius, of the middle of an
// AHA segment: basal 1-6, mid 7-12, apical 13-16, apex 17; the first of each ring is anterior.
export function segmentPlace(number) {
  if (number === 17) return [0, 0];
  const ring = number <= 6 ? 3 : number <= 12 ? 2 : 1;
  const count = number <= 12 ? 6 : 4, first = number <= 6 ? 1 : number <= 12 ? 7 : 13;
  const angle = -Math.PI / 2 - ((number - first) * 2 * Math.PI) / count;
  return [angle, (RING_RADII[ring - 1] + RING_RADII[ring]) / 2];
}
