// What a phone can see by itself: advice on a small grey copy of the picture, five times a second.
// Only advice: the shutter always works, and the server's finding decides.

/** Width of the copy in pixels. */
export const WIDE = 160;
/** Equal readings before a hint is given, and the least time between two hints. */
const EQUAL = 3;
const QUIET_MS = 2500;

/** Luma of every pixel of RGBA bytes. */
export function grey(rgba) {
  const out = new Uint8Array(rgba.length / 4);
  for (let at = 0; at < out.length; at += 1) {
    const from = at * 4;
    out[at] = 0.299 * rgba[from] + 0.587 * rgba[from + 1] + 0.114 * rgba[from + 2];
  }
  return out;
}

/** Mean and variance of what `pick(x, y)` gives in a box; NaN leaves a pixel out. */
export function stats(box, pick) {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let y = Math.ceil(box.y); y < box.y + box.height; y += 1) {
    for (let x = Math.ceil(box.x); x < box.x + box.width; x += 1) {
      const value = pick(x, y);
      if (Number.isNaN(value)) continue;
      count += 1;
      sum += value;
      squares += value * value;
    }
  }
  const mean = count ? sum / count : 0;
  return { count, mean, variance: count ? squares / count - mean * mean : 0 };
}

/** The guide of a document in a picture: as large as fits with a margin. */
export function guide(width, height, aspect) {
  const wide = Math.min(width * 0.9, height * 0.84 * aspect);
  const high = wide / aspect;
  return { x: (width - wide) / 2, y: (height - high) / 2, width: wide, height: high };
}

/** Steepest line across a strip: its place along the strip, or undefined where nothing stands out. */
function line(from, to, steep) {
  let best = 0;
  let place;
  let sum = 0;
  let count = 0;
  const step = Math.sign(to - from) || 1;
  for (let at = Math.round(from); at !== Math.round(to) + step; at += step) {
    const value = steep(at);
    sum += value;
    count += 1;
    if (value > best) [best, place] = [value, at];
  }
  return best > 10 && best > 2.5 * (sum / count) ? place : undefined;
}

/** Where the four edges of a document are, sought from well outside the guide to well inside. */
export function edges(picture, box) {
  const { pixels, width, height } = picture;
  const at = (x, y) => pixels[y * width + x];
  const near = { x: box.width * 0.3, y: box.height * 0.3 };
  const inner = (from, size) => [from + size * 0.25, from + size * 0.75];
  const upright = (x) => {
    const [top, bottom] = inner(box.y, box.height);
    if (x < 1 || x > width - 2) return 0;
    const slope = (_, y) => Math.abs(at(x + 1, y) - at(x - 1, y));
    return stats({ x, y: top, width: 0.5, height: bottom - top }, slope).mean;
  };
  const level = (y) => {
    const [left, right] = inner(box.x, box.width);
    if (y < 1 || y > height - 2) return 0;
    const slope = (x) => Math.abs(at(x, y + 1) - at(x, y - 1));
    return stats({ x: left, y, width: right - left, height: 0.5 }, slope).mean;
  };
  const x = [Math.max(1, box.x - near.x), Math.min(width - 2, box.x + box.width + near.x)];
  const y = [Math.max(1, box.y - near.y), Math.min(height - 2, box.y + box.height + near.y)];
  return {
    left: line(x[0], box.x + near.x, upright),
    right: line(x[1], box.x + box.width - near.x, upright),
    top: line(y[0], box.y + near.y, level),
    bottom: line(y[1], box.y + box.height - near.y, level),
  };
}

/** Pixels of the largest patch of shine in a box. */
export function shine(picture, box) {
  const { pixels, width } = picture;
  const seen = new Uint8Array(pixels.length);
  let most = 0;
  stats(box, (left, top) => {
    const stack = [top * width + left];
    let size = 0;
    while (stack.length) {
      const at = stack.pop();
      const x = at % width;
      const y = (at - x) / width;
      const inside = x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
      if (!inside || seen[at] || pixels[at] < 252) continue;
      seen[at] = 1;
      size += 1;
      stack.push(at + 1, at - 1, at + width, at - width);
    }
    most = Math.max(most, size);
    return 0;
  });
  return most;
}

/** What is wrong with a document in the guide, if anything. */
function card(picture, aspect) {
  const box = guide(picture.width, picture.height, aspect);
  const found = edges(picture, box);
  const missing = Object.keys(found).filter((side) => found[side] === undefined);
  if (missing.length === 1) return `cut.${missing[0]}`;
  if (missing.length === 2 || missing.length === 3) return "cut";
  if (!missing.length) {
    const wide = found.right - found.left;
    const high = found.bottom - found.top;
    if (wide * high < 0.6 * box.width * box.height) return "closer";
    if (Math.abs(wide / high / aspect - 1) > 0.15) return "flat";
  }
  if (shine(picture, box) > 0.008 * box.width * box.height) return "shine";
  return missing.length ? undefined : "good";
}

/** Skin of any tone, by colour alone: only to say that no face is there. */
function skin(rgba, at) {
  const [red, green, blue] = [rgba[at], rgba[at + 1], rgba[at + 2]];
  const cb = 128 - 0.169 * red - 0.331 * green + 0.5 * blue;
  const cr = 128 + 0.5 * red - 0.419 * green - 0.081 * blue;
  return cb > 77 && cb < 127 && cr > 133 && cr < 173 ? 1 : 0;
}

function note({ rgba, pixels, width, height }) {
  const upper = { x: 0, y: 0, width, height: height * 0.66 };
  const face = stats(upper, (x, y) => skin(rgba, (y * width + x) * 4));
  if (face.mean < 0.03) return "face";
  const lower = { x: 0, y: height * 0.66, width, height: height * 0.33 };
  const paper = stats(lower, (x, y) => pixels[y * width + x]);
  return paper.mean < 50 || paper.variance < 100 ? "lift" : "good";
}

function person({ pixels, width, height }) {
  const oval = (x, y) => Math.hypot((x / width - 0.5) / 0.25, (y / height - 0.5) / 0.4) < 1;
  const all = { x: 0, y: 0, width, height };
  const part = (inside) =>
    stats(all, (x, y) => (oval(x, y) === inside ? pixels[y * width + x] : NaN)).mean;
  return part(true) < 0.7 * part(false) ? "behind" : undefined;
}

/** The code of the one thing to say about a picture; `known` remembers between pictures. */
export function judge(picture, kind, aspect, known = {}) {
  const { pixels, width, height } = picture;
  const all = { x: 1, y: 1, width: width - 2, height: height - 2 };
  const luma = (x, y) => pixels[y * width + x];
  const light = stats(all, luma).mean;
  const sharp = stats(
    all,
    (x, y) => luma(x - 1, y) + luma(x + 1, y) + luma(x, y - 1) + luma(x, y + 1) - 4 * luma(x, y),
  ).variance;
  const before = known.pixels;
  const moved =
    before?.length === pixels.length
      ? stats(all, (x, y) => Math.abs(luma(x, y) - before[y * width + x])).mean
      : 0;
  known.pixels = pixels;
  known.sharp = Math.max(known.sharp ?? 0, sharp);
  if (light < 55) return "dark";
  if (light > 215) return "bright";
  if (moved > 12) return "still";
  if (sharp < 0.4 * known.sharp) return "blur";
  if (kind === "video") return person(picture);
  return kind === "note_photo" ? note(picture) : card(picture, aspect);
}

/** Lets a hint out only after equal readings, and not too often. Gives the hint to say now. */
export class Calm {
  constructor() {
    Object.assign(this, { last: undefined, equal: 0, said: undefined, at: -Infinity });
  }

  hear(hint, now) {
    this.equal = hint === this.last ? this.equal + 1 : 1;
    this.last = hint;
    if (this.equal < EQUAL || hint === this.said || now - this.at < QUIET_MS) return undefined;
    this.said = hint;
    this.at = now;
    return hint ?? "";
  }
}

/** The picture of a video, small: colours, luma and size. */
export class Eye {
  constructor(view) {
    this.view = view;
    this.canvas = document.createElement("canvas");
    this.pen = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  look() {
    const { videoWidth, videoHeight } = this.view;
    if (!videoWidth) return undefined;
    const [width, height] = [WIDE, Math.round((WIDE * videoHeight) / videoWidth)];
    if (this.canvas.height !== height || this.canvas.width !== width) {
      Object.assign(this.canvas, { width, height });
    }
    this.pen.drawImage(this.view, 0, 0, width, height);
    const rgba = this.pen.getImageData(0, 0, width, height).data;
    return { rgba, pixels: grey(rgba), width, height };
  }
}
