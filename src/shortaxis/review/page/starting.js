// Where a study begins: its automatic pose, or what was signed off or changed and not saved.

import { axesFromAngles } from "./geometry.js";
import { fromRecord } from "./pose_history.js";
import { state } from "./state.js";

const TYPICAL_ANGLES = { alpha: 20, beta: 0, theta: 45 };

export function automaticPose(record) {
  if (record.automatic.center_mm) return fromRecord(record.automatic);
  return { center: record.center_mm, axes: axesFromAngles(TYPICAL_ANGLES) };
}

// A second reader begins where the first one did.
export const startingPose = (record) => (record.pose && !state.isSecond ? fromRecord(record.pose) : automaticPose(record));
export const startingHand = (record) => (state.isSecond ? null : record.pose?.wall_by_hand ?? null);

// A pose that was drawn on other counts is not laid over these.
export function editsOf(record) {
  const kept = state.edits.get(record.study);
  if (kept && kept.content !== record.content) state.edits.delete(record.study);
  return state.edits.get(record.study);
}
