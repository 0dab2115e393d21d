// The beating heart on a page: cuts with moving contours, the endocardium in three dimensions, and the volume
// curve. It is read by the report and by the review page. Whatever moves is given in every time slot, smooth over
// the beat by a few harmonics; moments between two slots are read from the same harmonics.

const FRAME_MS = 1000 / 30, EARLY_MS = 2, BEAT_MS = 1000, PIXELS = 240, PLOT = [400, 240];
const COLOURS = { endocardium: "#ff2d55", epicardium: "#f2a900", valve: "#4f9dff" };

// What reads a moment, 0 to 1, of values that are given in every slot, at its part of the cycle. Slots are as far apart
// all around.
export function overTheBeat(slots, harmonics, slotParts) {
  const count = slots.length, length = slots[0].length;
  const waves = Array.from({ length: 2 * harmonics + 1 }, () => new Float32Array(length));
  for (const [slot, values] of slots.entries()) {
    const parts = partsAt(slotParts[slot], harmonics).map((part, number) => (part * (number ? 2 : 1)) / count);
    for (const [number, wave] of waves.entries()) for (let at = 0; at < length; at++) wave[at] += parts[number] * values[at];
  }
  return (moment) => {
    const parts = partsAt(moment, harmonics), found = new Float32Array(length);
    for (const [number, wave] of waves.entries()) for (let at = 0; at < length; at++) found[at] += parts[number] * wave[at];
    return found;
  };
}

function partsAt(moment, harmonics) {
  const parts = [1];
  for (let wave = 1; wave <= harmonics; wave++) parts.push(Math.cos(2 * Math.PI * wave * moment), Math.sin(2 * Math.PI * wave * moment));
  return parts;
}

const flat = (slots) => slots.map((points) => points.flat());
const pairs = (values, size) => Array.from({ length: values.length / size }, (_, at) => Array.from(values.subarray(size * at, size * at + size)));

// Fill an element with the view of a record; `surfaceView` and `colours` are those of the turnable view.
export function beatView(root, record, { surfaceView, colours, title = "" }) {
  root.replaceChildren();
  const panels = [...record.cuts.map((cut) => cutPanel(root, record, cut, title)), solidPanel(root, record, surfaceView, colours, title), curvePanel(root, record, title)];
  const view = { moment: 0, frames: 0, isPlaying: false };
  view.draw = () => { for (const draw of panels) draw(view.moment); };
  view.show = (moment) => {
    view.moment = ((moment % 1) + 1) % 1;
    view.frames += 1;
    slider.value = String(Math.round(100 * view.moment));
    view.draw();
  };
  const [button, slider] = controls(root);
  view.play = (isWanted) => {
    view.isPlaying = isWanted;
    button.textContent = isWanted ? "Stop" : "Play";
    button.setAttribute("aria-pressed", String(isWanted));
    if (isWanted) start(view, root);
  };
  button.addEventListener("click", () => view.play(!view.isPlaying));
  slider.addEventListener("input", () => { view.play(false); view.show(slider.value / 100); });
  view.show(record.end_diastole);
  return view;
}

// One beat a second, at most 30 frames; a view that has left the page stops. A frame is due a thirtieth of a second
// after the one before was due, not after it was drawn: no screen shows fewer for drawing a little late.
function start(view, root) {
  let last = null, due = null;
  const step = (now) => {
    if (!view.isPlaying || !root.isConnected) return;
    last ??= now;
    due ??= now + FRAME_MS;
    if (now >= due - EARLY_MS) {
      view.show(view.moment + (now - last) / BEAT_MS);
      last = now;
      due = Math.max(due + FRAME_MS, now);
    }
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

function controls(root) {
  const line = document.createElement("p"), button = document.createElement("button"), label = document.createElement("label");
  const slider = Object.assign(document.createElement("input"), { type: "range", min: "0", max: "99", value: "0" });
  button.type = "button";
  line.className = "row";
  label.append("Part of the beat, %", slider);
  line.append(button, label);
  root.append(line);
  return [button, slider];
}

function panel(root, caption, width, height, title) {
  const figure = document.createElement("figure"), canvas = document.createElement("canvas"), words = document.createElement("figcaption");
  Object.assign(canvas, { width, height });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", [title, caption].filter(Boolean).join(": "));
  words.textContent = caption;
  figure.append(canvas, words);
  root.append(figure);
  return canvas;
}

function cutPanel(root, record, cut, title) {
  const canvas = panel(root, cut.title, PIXELS, PIXELS, title), context = canvas.getContext("2d");
  const { size, slots, harmonics, slot_parts: slotParts, reach_mm: reach } = record;
  const bytes = Uint8Array.from(atob(cut.counts), (letter) => letter.charCodeAt(0)), area = size * size;
  const counts = overTheBeat(Array.from({ length: slots }, (_, slot) => bytes.subarray(slot * area, (slot + 1) * area)), harmonics, slotParts);
  const lines = Object.keys(COLOURS).filter((name) => cut[name]).map((name) => [name, overTheBeat(flat(cut[name]), harmonics, slotParts)]);
  const small = document.createElement("canvas");
  small.width = small.height = size;
  const painter = small.getContext("2d"), pixels = painter.createImageData(size, size), scale = PIXELS / (2 * reach);
  return (moment) => {
    for (const [at, value] of counts(moment).entries()) {
      const level = 255 - Math.max(0, Math.min(255, value));
      pixels.data.set([level, level, level, 255], 4 * at);
    }
    painter.putImageData(pixels, 0, 0);
    context.imageSmoothingQuality = "high";
    context.drawImage(small, 0, 0, PIXELS, PIXELS);
    for (const [name, at] of lines) stroke(context, pairs(at(moment), 2).map(([x, y]) => [(x + reach) * scale, (y + reach) * scale]), COLOURS[name], 1.8);
  };
}

function stroke(context, points, colour, width) {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function solidPanel(root, record, surfaceView, colours, title) {
  const canvas = panel(root, "Endocardium; turn it with the pointer or the arrow keys", PIXELS, PIXELS, title);
  canvas.tabIndex = 0;
  canvas.style.touchAction = "none";
  const points = overTheBeat(flat(record.surface.points), record.harmonics, record.slot_parts), view = surfaceView(canvas, colours);
  view.show({ ...record.surface, points: pairs(points(record.end_diastole), 3) });
  return (moment) => view.move(pairs(points(moment), 3));
}

// An empty plot on a canvas: axes with their ticks and units; what places (x, y) on it.
export function plotAxes(canvas, { ticksX, ticksY, lastX, topY, wordsX, wordsY }) {
  const { width, height } = canvas, context = canvas.getContext("2d"), ink = getComputedStyle(canvas).color;
  const left = 50, right = width - 14, top = 10, bottom = height - 42;
  const place = (x, y) => [left + ((right - left) * x) / lastX, bottom - ((bottom - top) * y) / topY];
  context.clearRect(0, 0, width, height);
  context.fillStyle = ink;
  context.font = "12px system-ui, sans-serif";
  stroke(context, [[left, top], [left, bottom], [right, bottom]], ink, 1);
  context.textAlign = "center";
  for (const tick of ticksX) {
    const [x] = place(tick, 0);
    stroke(context, [[x, bottom], [x, bottom + 4]], ink, 1);
    context.fillText(tick, x, bottom + 17);
  }
  context.fillText(wordsX, (left + right) / 2, height - 6, right - left);
  context.textAlign = "right";
  for (const tick of ticksY) {
    const [, y] = place(0, tick);
    stroke(context, [[left - 4, y], [left, y]], ink, 1);
    context.fillText(tick, left - 6, y + 4);
  }
  context.save();
  context.translate(13, (top + bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(wordsY, 0, 0);
  context.restore();
  context.textAlign = "left";
  return place;
}

// A line across or along the plot, in short strokes.
export function dashed(context, points, colour) {
  context.setLineDash([4, 4]);
  stroke(context, points, colour, 1);
  context.setLineDash([]);
}

function dot(context, [x, y], radius, colour, isFull = true) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.lineWidth = 1.5;
  context.fillStyle = context.strokeStyle = colour;
  if (isFull) context.fill();
  context.stroke();
}

function curvePanel(root, record, title) {
  const { curve } = record, last = 100;
  const caption = `Volume of the cavity over the beat: ${curve.end_diastole.words}, ${curve.end_systole.words}, ${curve.ejection}`;
  const canvas = panel(root, caption, ...PLOT, title), context = canvas.getContext("2d");
  canvas.className = "plot";
  const volume = overTheBeat(record.volumes_ml.map((each) => [each]), record.harmonics, record.slot_parts);
  const axes = { ticksX: curve.cycle_ticks, ticksY: curve.ticks_ml, lastX: last, topY: curve.top_ml, wordsX: curve.cycle_words, wordsY: curve.volume_words };
  return (moment) => {
    const place = plotAxes(canvas, axes), ink = getComputedStyle(canvas).color, at = (part, ml) => place(last * part, ml);
    ejection(context, curve, at, ink);
    stroke(context, curve.parts.map((part, number) => at(part, curve.volumes_ml[number])), COLOURS.valve, 2);
    for (const [slot, part] of record.slot_parts.entries()) dot(context, at(part, record.volumes_ml[slot]), 3, COLOURS.valve, curve.is_used[slot]);
    for (const [mark, below] of [[curve.end_diastole, -9], [curve.end_systole, 20]]) {
      const [x, y] = at(mark.part, mark.ml);
      dot(context, [x, y], 4, ink, false);
      context.fillStyle = ink;
      context.font = "bold 12px system-ui, sans-serif";
      const wide = context.measureText(mark.words).width;
      context.fillText(mark.words, Math.max(52, Math.min(x - wide / 2, canvas.width - 4 - wide)), y + below);
    }
    dot(context, at(moment, volume(moment)[0]), 5, COLOURS.endocardium);
  };
}

// What is ejected: levels of both ends of the beat, and the arrow between them.
function ejection(context, { end_diastole: largest, end_systole: smallest, ejection: words }, at, ink) {
  for (const { ml } of [largest, smallest]) dashed(context, [at(0, ml), at(1, ml)], ink);
  const [x, low] = at(smallest.part, smallest.ml), [, high] = at(0, largest.ml);
  stroke(context, [[x, low], [x, high]], ink, 1);
  stroke(context, [[x - 4, high + 7], [x, high], [x + 4, high + 7]], ink, 1);
  context.fillStyle = ink;
  context.font = "bold 12px system-ui, sans-serif";
  context.fillText(words, x + 7, high + 16);
}
