// One volume from one file: an NM object of one reconstruction, uncompressed, or NIfTI-1.

const refused = (words) => {
  throw new Error(words);
};

const LONG = new Set(["OB", "OW", "OF", "OD", "OL", "OV", "SQ", "UC", "UR", "UT", "UN", "SV", "UV"]);
const UNDEFINED = 0xffffffff;

const tagAt = (view, at) => ((view.getUint16(at, true) << 16) >>> 0) + view.getUint16(at + 2, true);

const DETECTORS = 0x00540022;
const ENDS = [0xfffee00d, 0xfffee0dd];

// What an element begins with: where its value is, how long, and whether it holds items.
function headAt(view, at, explicit) {
  const tag = tagAt(view, at);
  if (!explicit) {
    const length = view.getUint32(at + 4, true);
    return { tag, at: at + 8, length, holdsItems: length === UNDEFINED || tag === DETECTORS };
  }
  const vr = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
  if (!LONG.has(vr)) {
    return { tag, at: at + 8, length: view.getUint16(at + 6, true), holdsItems: false };
  }
  const length = view.getUint32(at + 8, true);
  return { tag, at: at + 12, length, holdsItems: vr === "SQ" || length === UNDEFINED };
}

// Elements as tag → { at, length, items }; and where they end.
function elementsOf(view, start, end, explicit) {
  const found = new Map();
  let at = start;
  while (at + 8 <= end) {
    if (ENDS.includes(tagAt(view, at))) {
      return { found, at: at + 8 };
    }
    const head = headAt(view, at, explicit);
    at = head.at + head.length;
    if (head.holdsItems) {
      const items = itemsOf(view, head.at, head.length === UNDEFINED ? end : at, explicit);
      found.set(head.tag, { ...head, items: items.items });
      at = items.at;
    } else if (at > end) {
      refused("The file is cut short.");
    } else {
      found.set(head.tag, head);
    }
  }
  return { found, at };
}

function itemsOf(view, start, end, explicit) {
  const items = [];
  let at = start;
  while (at + 8 <= end) {
    const tag = tagAt(view, at);
    const length = view.getUint32(at + 4, true);
    at += 8;
    if (tag !== 0xfffee000) {
      return { items, at };
    }
    const item = elementsOf(view, at, length === UNDEFINED ? end : at + length, explicit);
    items.push(item.found);
    at = length === UNDEFINED ? item.at : at + length;
  }
  return { items, at };
}

function textOf(view, element) {
  if (!element) {
    return "";
  }
  const bytes = new Uint8Array(view.buffer, view.byteOffset + element.at, element.length);
  return new TextDecoder("latin1").decode(bytes).replace(/\0/g, "").trim();
}

const numbersOf = (view, element) => textOf(view, element).split("\\").filter(Boolean).map(Number);
const shortOf = (view, element) => (element ? view.getUint16(element.at, true) : undefined);

function fromDicom(buffer) {
  const view = new DataView(buffer);
  // File Meta Information Group Length comes first (PS3.10 7.1).
  const start = 144 + view.getUint32(140, true);
  if (start > buffer.byteLength) {
    refused("The file is cut short.");
  }
  const meta = elementsOf(view, 132, start, true).found;
  const syntax = textOf(view, meta.get(0x00020010));
  const syntaxes = { "1.2.840.10008.1.2": false, "1.2.840.10008.1.2.1": true };
  if (!(syntax in syntaxes)) {
    refused("The pixels are compressed, or the file is in big endian; the command line reads it.");
  }
  const { found } = elementsOf(view, start, buffer.byteLength, syntaxes[syntax]);
  if (textOf(view, found.get(0x00080060)) !== "NM") {
    refused("This is no nuclear medicine (NM) object; the command line reads PET series.");
  }
  if (!/RECON TOMO/.test(textOf(view, found.get(0x00080008)))) {
    refused("This is no ungated reconstruction; the command line reads gated and raw studies.");
  }
  return volumeOf(view, found);
}

function volumeOf(view, found) {
  const [rows, columns, bits] = [0x00280010, 0x00280011, 0x00280100].map((tag) =>
    shortOf(view, found.get(tag)),
  );
  const [frames] = numbersOf(view, found.get(0x00280008));
  const [between] = numbersOf(view, found.get(0x00180088));
  const spacing = numbersOf(view, found.get(0x00280030));
  const detectors = found.get(0x00540022)?.items ?? [];
  const position = numbersOf(view, detectors[0]?.get(0x00200032));
  const directions = numbersOf(view, detectors[0]?.get(0x00200037));
  if (bits !== 16 || !between || spacing.length !== 2 || position.length !== 3 || directions.length !== 6) {
    refused("The geometry of the slices is not all there; the command line tells what is missing.");
  }
  const pixels = found.get(0x7fe00010);
  const count = frames * rows * columns;
  if (!pixels || pixels.length < 2 * count) {
    refused("The file is cut short.");
  }
  const isSigned = shortOf(view, found.get(0x00280103)) === 1;
  const counts = new Float32Array(count);
  for (let n = 0; n < count; n++) {
    const at = pixels.at + 2 * n;
    counts[n] = isSigned ? view.getInt16(at, true) : view.getUint16(at, true);
  }
  const [along, down] = [directions.slice(0, 3), directions.slice(3)];
  const normal = [0, 1, 2].map(
    (i) => along[(i + 1) % 3] * down[(i + 2) % 3] - along[(i + 2) % 3] * down[(i + 1) % 3],
  );
  const affine = [0, 1, 2].map((i) => [
    normal[i] * between,
    down[i] * spacing[0],
    along[i] * spacing[1],
    position[i],
  ]);
  return { counts, shape: [frames, rows, columns], affine };
}

const KINDS = {
  2: [1, (v, at) => v.getUint8(at)],
  4: [2, (v, at, le) => v.getInt16(at, le)],
  8: [4, (v, at, le) => v.getInt32(at, le)],
  16: [4, (v, at, le) => v.getFloat32(at, le)],
  64: [8, (v, at, le) => v.getFloat64(at, le)],
  512: [2, (v, at, le) => v.getUint16(at, le)],
};

function fromNifti(buffer) {
  const view = new DataView(buffer);
  const le = view.getInt32(0, true) === 348;
  const sizes = [1, 2, 3, 4].map((n) => view.getInt16(40 + 2 * n, le));
  const kind = KINDS[view.getInt16(70, le)];
  if (!kind || sizes[3] > 1) {
    refused("This NIfTI file is gated, or of a kind that is read by the command line alone.");
  }
  if (view.getInt16(254, le) < 1) {
    refused("The NIfTI file has no sform; the command line tells what else it needs.");
  }
  const rows = [280, 296, 312].map((at) => [0, 1, 2, 3].map((j) => view.getFloat32(at + 4 * j, le)));
  const [nx, ny, nz] = sizes;
  const slope = view.getFloat32(112, le) || 1;
  const intercept = view.getFloat32(112, le) ? view.getFloat32(116, le) : 0;
  const [width, read] = kind;
  const start = view.getFloat32(108, le);
  const counts = Float32Array.from(
    { length: nx * ny * nz },
    (_, n) => read(view, start + width * n, le) * slope + intercept,
  );
  // NIfTI: right, anterior, superior, with the first index fastest.
  const affine = rows.map(([x, y, z, at], i) => [z, y, x, at].map((v) => (i < 2 ? -v : v)));
  return { counts, shape: [nz, ny, nx], affine };
}

async function unpacked(buffer) {
  const bytes = new Uint8Array(buffer);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    return buffer;
  }
  const stream = new Blob([buffer]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

export async function readVolume(content) {
  const buffer = await unpacked(content);
  const view = new DataView(buffer);
  if (buffer.byteLength > 132 && view.getUint32(128) === 0x4449434d) {
    return fromDicom(buffer);
  }
  if (buffer.byteLength > 352 && [view.getInt32(0, true), view.getInt32(0)].includes(348)) {
    return fromNifti(buffer);
  }
  return refused("This is neither a DICOM file nor NIfTI.");
}
