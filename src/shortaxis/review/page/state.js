// What the page shows, and the few things that all of its parts use.

export const at = (id) => document.getElementById(id);

export const state = {
  rows: [], // of the worklist
  opening: null, // identifier of the study that is opened, or was last
  study: null, // its record
  history: null, // its pose, with undo
  volume: null,
  gates: [],
  gate: null, // the time slot that is shown; null for their sum
  playing: null,
  partner: null, // the other exam: record, volume, pose
  awaited: "", // identifier of the other exam, of which there is one to be shown
  earlier: [], // earlier exams of the patient on the worklist, the one to compare with first
  field: null, // middle of the patient views, LPS mm
  point: null, // crosshair, LPS mm
  roll: "conventional",
  wallMethod: "tracing", // what finds the wall; "none" shows none
  wall: null, // its lines and numbers, of the pose it was found around
  correcting: false, // whether slices are dragged to correct the wall
  masking: false, // whether the next drag lays a mask on a neighbour
  beat: null, // the beating heart of the function panel
  identities: {}, // names and dates by study, as far as headers say them
  isSecond: false, // whether a second reader reads, who does not see what the first one did
  edits: new Map(), // histories of studies with a pose that was changed and not saved
};

// Run something that may fail; what it says is shown.
export async function guarded(work) {
  try {
    at("error").hidden = true;
    return await work();
  } catch (error) {
    at("error").textContent = error.message;
    at("error").hidden = false;
    return undefined;
  }
}

const NOTICE_MS = 6000;
let timer = 0;

// Show what was done, for a while; a warning stays until the next change.
export function notice(words = "", isWarning = false) {
  clearTimeout(timer);
  if (words && !isWarning) timer = setTimeout(notice, NOTICE_MS);
  at("notice").textContent = words;
  at("notice").className = isWarning ? "warning" : "";
  at("notice").hidden = !words;
}
