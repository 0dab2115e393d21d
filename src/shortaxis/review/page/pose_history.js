// The pose that is edited, with undo and redo.

import { anglesFromAxes, axesFromAngles, column, multiply, turnAbout, withLongAxis } from "./geometry.js";

export class PoseHistory {
  // Of the automatic pose, and of what was signed off, if anything was: a pose, and what of the wall was
  // set by hand.
  constructor(automatic, pose = automatic, hand = null) {
    this.automatic = automatic;
    this.saved = this.pose = pose;
    this.savedHand = this.hand = hand;
    this.done = [];
    this.undone = [];
    this.handsDone = [];
  }

  keepHand() {
    this.handsDone.push(this.hand);
  }

  undoHand() {
    if (this.handsDone.length) this.hand = this.handsDone.pop();
  }

  // Begin a change: of a drag, the pose before it is kept once.
  keep() {
    this.done.push(this.pose);
    this.undone = [];
  }

  change(pose) {
    this.keep();
    this.pose = pose;
  }

  undo() {
    if (!this.done.length) return;
    this.undone.push(this.pose);
    this.pose = this.done.pop();
  }

  redo() {
    if (!this.undone.length) return;
    this.done.push(this.pose);
    this.pose = this.undone.pop();
  }

  get isChanged() {
    return !same(this.pose, this.automatic);
  }

  // Whether there is anything to lose.
  get isEdited() {
    return !same(this.pose, this.saved) || this.hand !== this.savedHand;
  }
}

const numbers = (pose) => [...pose.center, ...pose.axes.flat()];

const same = (one, other) => {
  const others = numbers(other);
  return numbers(one).every((value, i) => Math.abs(value - others[i]) < 1e-9);
};

export const shifted = (pose, offset) => ({ ...pose, center: pose.center.map((value, i) => value + offset[i]) });

export function withAngle(pose, name, degrees) {
  return { ...pose, axes: axesFromAngles({ ...anglesFromAxes(pose.axes), [name]: degrees }) };
}

export const rolled = (pose, degrees) => ({
  ...pose, axes: multiply(turnAbout(column(pose.axes, 2), degrees), pose.axes),
});

// The roll stays the angle that it was, as it would if the two other angles were typed.
export function pointed(pose, towardsBase) {
  const angles = anglesFromAxes(withLongAxis(pose.axes, towardsBase));
  return { ...pose, axes: axesFromAngles({ ...angles, beta: anglesFromAxes(pose.axes).beta }) };
}

export const toRecord = (pose) => ({ center_mm: pose.center, patient_from_cardiac: pose.axes });
export const fromRecord = (record) => ({ center: record.center_mm, axes: record.patient_from_cardiac });
