// Steps of counts as `sent_counts.py` packs them; what it says of the order is not said again here.

const SMALL = 250, LARGE = 4000, BEYOND = 255;

// `told` gives the value of a header of counts by its name.
export function unpacked(bytes, told) {
  const shape = told("Shape").split(",").map(Number), parts = told("Parts").split(",").map(Number);
  const steps = numbered(bytes, shape, parts);
  for (let i = 0; i < steps.length; i++) steps[i] = (steps[i] >>> 1) ^ -(steps[i] & 1);
  summed(steps, shape, Number(told("Differences")));
  return steps;
}

function numbered(bytes, [slices, rows, columns], parts) {
  const numbers = new Uint16Array(slices * rows * columns), plane = rows * columns;
  const next = [0, parts[0], parts[0] + parts[1]];
  const halves = next[2] + parts[2];
  let half = 2 * halves, whole = halves + Math.ceil(parts[1] / 2);
  let beyond = whole + parts[2];
  const high = (bytes.length - beyond) / 2;
  for (let i = 0; i < numbers.length; i++) {
    const around = (i % columns && numbers[i - 1]) + (i % plane >= columns && numbers[i - columns]) + (i >= plane && numbers[i - plane]);
    const kind = Number(around >= SMALL) + Number(around >= LARGE);
    const first = bytes[next[kind]++];
    let number = first;
    if (kind === 1) number = (first << 4) | ((bytes[half >> 1] >> (4 * (half++ & 1))) & 15);
    if (kind === 2) number = (first << 8) | bytes[whole++];
    numbers[i] = first === BEYOND ? bytes[beyond] | (bytes[high + beyond++] << 8) : number;
  }
  return numbers;
}

// Sums along columns, rows and slices, as many of them as differences were taken along.
function summed(steps, [, rows, columns], axes) {
  const plane = rows * columns;
  for (let i = 0; axes > 0 && i < steps.length; i++) if (i % columns) steps[i] += steps[i - 1];
  for (let i = 0; axes > 1 && i < steps.length; i++) if (i % plane >= columns) steps[i] += steps[i - columns];
  for (let i = plane; axes > 2 && i < steps.length; i++) steps[i] += steps[i - plane];
}
