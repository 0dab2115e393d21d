// Colour maps of nuclear cardiology, as tables of 256 packed pixels.

const STOPS = {
  "warm metal": ["#000000", "#55120a", "#b03a08", "#f08a10", "#ffd060", "#ffffff"],
  grey: ["#000000", "#ffffff"],
  "grey, inverted": ["#ffffff", "#000000"],
  rainbow: ["#000000", "#0000a8", "#0078ff", "#00c060", "#c8e000", "#ffb000", "#ff2000", "#ffffff"],
};

export const NAMES = Object.keys(STOPS);

const parts = (colour) => [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));

export function table(name) {
  const stops = STOPS[name].map(parts), pixels = new Uint32Array(256);
  for (let level = 0; level < 256; level++) {
    const place = (level / 255) * (stops.length - 1), low = Math.min(Math.floor(place), stops.length - 2);
    const [r, g, b] = [0, 1, 2].map((i) => Math.round(stops[low][i] + (place - low) * (stops[low + 1][i] - stops[low][i])));
    pixels[level] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return pixels;
}

// The same maps for HTML colours, of a part between 0 and 1.
export function css(name, part) {
  const pixel = table(name)[Math.max(0, Math.min(255, Math.round(255 * part)))];
  return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
}

// Paint counts, shown from `low` to `high`, into the pixels of a picture.
export function paint(counts, pixels, low, high, colours) {
  const scale = 255 / Math.max(high - low, 1e-9);
  for (let i = 0; i < counts.length; i++) {
    const level = (counts[i] - low) * scale;
    pixels[i] = colours[level < 0 ? 0 : level > 255 ? 255 : level | 0];
  }
}
