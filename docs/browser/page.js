// A file is dropped; its volume, its pose and its slices are shown. Everything happens here.

import { estimatedOfNothing, findPose, prepared } from "./cascade.js";
import { readVolume } from "./files.js";
import { multiplied, resampled } from "./volumes.js";
import * as ort from "./vendor/ort.wasm.min.mjs";

const SLICE_MM = 6.4;
const PIXELS = 28;
const SHOWN = 9;

// Row, column and stacking direction in the cardiac frame.
const VIEWS = {
  short_axis: { row: [1, 0, 0], column: [0, 1, 0], stacking: [0, 0, 1] },
  vertical_long_axis: { row: [0, 0, -1], column: [0, 1, 0], stacking: [1, 0, 0] },
  horizontal_long_axis: { row: [1, 0, 0], column: [0, 0, 1], stacking: [0, -1, 0] },
};

ort.env.wasm.numThreads = 1;
ort.env.wasm.proxy = true;
ort.env.wasm.wasmPaths = new URL("./vendor/", import.meta.url).href;

const told = document.getElementById("told");
told.textContent = "";

async function fetched(name) {
  const answer = await fetch(`vendor/${name}`);
  if (!answer.ok) {
    throw new Error(`${name} is missing: the documentation was built without the files of this page.`);
  }
  return answer.arrayBuffer();
}

// As soon as the page is there, so that the first file need not wait. All files are on their way
// before the first is unpacked; the runtime has a worker, so that the page answers meanwhile.
const record = fetched("record.json").then((content) => JSON.parse(new TextDecoder().decode(content)));
const networks = (async () => {
  const { blocks, judgement } = await record;
  const named = [blocks.localiser, blocks.refiner];
  const contents = named.map(({ file }) => fetched(file));
  const sessions = [];
  for (const content of contents) {
    sessions.push(await ort.InferenceSession.create(await content, { executionProviders: ["wasm"] }));
  }
  const [localiser, refiner] = named.map(({ grid }, n) => ({ grid, session: sessions[n] }));
  return { localiser, refiner, presence: judgement.presence };
})();

let isAsked = false;

// The first run of a network is the slowest one: it is made while nobody waits for another.
async function warmUp({ localiser, refiner }) {
  for (const block of [localiser, refiner]) {
    await new Promise((done) => setTimeout(done, 200));
    if (isAsked) {
      return;
    }
    await estimatedOfNothing(ort, block);
  }
}

networks.then(warmUp).catch((error) => {
  told.textContent = error.message;
});

const unit = (v) => v.map((value) => value / Math.hypot(...v));

// The anterior direction in the plane of the long axis and the head.
function withConventionalRoll(pose) {
  const z = pose.map((row) => row[2]);
  const y = unit([0, 1, 2].map((i) => z[2] * z[i] - (i === 2 ? 1 : 0)));
  const x = [y[1] * z[2] - y[2] * z[1], y[2] * z[0] - y[0] * z[2], y[0] * z[1] - y[1] * z[0]];
  return pose.map((row, i) => [x[i], y[i], z[i], row[3]]);
}

function drawn(counts, shape, n, highest) {
  const canvas = document.createElement("canvas");
  canvas.width = shape[2];
  canvas.height = shape[1];
  const context = canvas.getContext("2d");
  const picture = context.createImageData(shape[2], shape[1]);
  for (let at = 0; at < shape[1] * shape[2]; at++) {
    const grey = Math.max(0, (255 * counts[n * shape[1] * shape[2] + at]) / highest);
    picture.data.set([grey, grey, grey, 255], 4 * at);
  }
  context.putImageData(picture, 0, 0);
  return canvas;
}

function showSlices(volume, pose) {
  for (const [name, { row, column, stacking }] of Object.entries(VIEWS)) {
    const shape = [SHOWN, PIXELS, PIXELS];
    // Stacks of 9 slices, 12.8 mm apart, see all of a ventricle.
    const steps = [stacking.map((v) => v * 2 * SLICE_MM), column.map((v) => v * SLICE_MM), row.map((v) => v * SLICE_MM)];
    const grid = [0, 1, 2].map((i) => {
      const line = steps.map((step) => step[i]);
      return [...line, -line.reduce((sum, v, j) => sum + (v * (shape[j] - 1)) / 2, 0)];
    });
    const counts = resampled(volume, multiplied(pose, grid), shape);
    const highest = counts.reduce((a, b) => Math.max(a, b), 1e-9);
    const pictures = Array.from({ length: SHOWN }, (_, n) => drawn(counts, shape, n, highest));
    document.getElementById(name).replaceChildren(...pictures);
  }
}

function showPose(found, version) {
  const rows = [
    ["", "left", "back", "head"],
    ["apex towards", ...found.pose.map((row) => (-row[2]).toFixed(3))],
    ["septum towards (anatomical roll)", ...found.pose.map((row) => (-row[0]).toFixed(3))],
    ["centre, mm", ...found.pose.map((row) => row[3].toFixed(1))],
    ["log odds of a heart", found.presence.toFixed(1)],
    ["weights", version],
  ].map((cells) => {
    const line = document.createElement("tr");
    line.append(
      ...cells.map((words, n) => {
        const cell = document.createElement(n ? "td" : "th");
        cell.textContent = words;
        return cell;
      }),
    );
    return line;
  });
  document.getElementById("pose").replaceChildren(...rows);
}

async function show(file) {
  const result = document.getElementById("result");
  result.hidden = true;
  isAsked = true;
  try {
    told.textContent = "Reading ...";
    const volume = await readVolume(await file.arrayBuffer());
    const { blocks, version } = await record;
    const begun = performance.now();
    const seen = prepared(volume, blocks);
    const loaded = await networks;
    const found = await findPose(ort, loaded, seen);
    if (found.presence < loaded.presence.refused_below) {
      throw new Error("Nothing here looks like a left ventricle.");
    }
    showPose(found, version);
    showSlices(volume, withConventionalRoll(found.pose));
    const seconds = (performance.now() - begun) / 1000;
    told.textContent = `Reoriented in ${seconds.toFixed(1)} s. No flag is computed here: look at the slices.`;
    result.dataset.pose = JSON.stringify(found.pose);
    result.hidden = false;
  } catch (error) {
    told.textContent = error.message;
  }
}

document.getElementById("file").addEventListener("change", (event) => {
  const [file] = event.target.files;
  if (file) {
    show(file);
  }
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer.files;
  if (file) {
    show(file);
  }
});
