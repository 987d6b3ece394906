// A capture page: how to, viewfinder, sending. All words stand in the page; without this file the
// page is a form with a file.

import { Camera, trouble } from "./capture-camera.js";
import { Calm, Eye, guide, judge } from "./capture-hints.js";
import { Take, Voice, probe } from "./capture-take.js";
import { Upload, ask, pause } from "./capture-upload.js";

/** Longest side of a photo in pixels, its quality, and the bytes from which it is pressed harder. */
const SIDE = 2560;
const QUALITY = [0.85, 0.75];
const PHOTO_BYTES = 3 * 1024 * 1024;
/** Between two looks at the picture; a good picture this long is taken by itself, if wanted. */
const LOOK_MS = 200;
const GOOD_MS = 1000;
/** A voice below this (dBFS) for so long is not heard; above this share of clipped it is too loud. */
const QUIET_DB = -50;
const QUIET_MS = 3000;
const CLIPPED = 0.02;
/** After so many failures of the camera a file is offered at once. */
const FAILURES = 3;
/** Words about a slow line come after this many tries. */
const SLOW_TRIES = 2;

const id = (name) => document.getElementById(name);
const page = id("capture");
const { kind, path } = page.dataset;
const aspect = Number(page.dataset.aspect);
const film = kind === "video";
const view = id("view");
const steps = ["howto", "camera", "sending", "trouble", "picker"];

const words = (code) => page.querySelector(`[data-say="${CSS.escape(code)}"]`);
const text = (code) => words(code)?.textContent ?? "";
const option = (name) => id(name)?.checked ?? false;

let take;
let upload;
let voice;
let choice;
let looking;
let busy = false;
let unsent = false;

const camera = new Camera(view, { facing: page.dataset.facing, film, lost });

function show(step) {
  for (const name of steps) id(name).hidden = name !== step;
  if (step === "trouble") id("picker").hidden = false;
}

/** Words for everybody, read out politely; the same words again are not repeated. */
function say(region, sentence) {
  if (id(region).textContent !== sentence) id(region).textContent = sentence;
}

function hint(sentence) {
  say("hint", sentence);
  // Never into a recording.
  if (!sentence || take || !option("aloud")) return;
  speechSynthesis.cancel();
  speechSynthesis.speak(new SpeechSynthesisUtterance(sentence));
}

/** The server's codes that say the same as a reason of the page. */
const SAME = {
  same_evidence: "image.again",
  upload_digest: "upload.damaged",
  chunk_digest: "upload.damaged",
};

function card(code, sentence) {
  const [headline, advice] = words(SAME[code] ?? code ?? "")?.children ?? [];
  id("card-headline").textContent = headline?.textContent ?? (sentence || text("failed"));
  id("card-advice").textContent = advice?.textContent ?? "";
  id("card").hidden = false;
}

function fails(error) {
  close();
  const which = trouble(error);
  for (const part of id("trouble").querySelectorAll("[data-trouble]")) {
    part.hidden = part.dataset.trouble !== which;
  }
  const tries = Number(page.dataset.tries) + 1;
  for (const link of page.querySelectorAll("[data-retry]")) link.href = `${path}?tries=${tries}`;
  show("trouble");
  id("trouble").focus();
}

function close() {
  clearInterval(looking);
  voice?.close();
  voice = undefined;
  take = undefined;
  camera.close();
}

/** The camera was interrupted: a take is void, an open viewfinder is closed only if it must be. */
function lost(why) {
  if (take && why === "idle") return camera.awake();
  if (take) return take.spoil(why === "turned" ? "video.turned" : "video.cut", why);
  if (!camera.on || busy || why === "hidden") return undefined;
  if (why === "turned") return draw();
  if (why === "mute") return hint(text("interrupted"));
  close();
  show("howto");
  say("status", text(why === "idle" ? "idle" : "interrupted"));
  return id("open").focus();
}

async function open() {
  say("status", "");
  id("card").hidden = true;
  try {
    if (film && !globalThis.MediaRecorder) throw "recorder";
    if (!navigator.mediaDevices) throw "TypeError";
    show("camera");
    await camera.open();
  } catch (error) {
    fails(error);
    return;
  }
  draw();
  id("shutter").focus();
  watch();
  if (film) {
    voice = new Voice(camera.media);
    choice = probe(camera.media);
  }
  const all = await camera.others().catch(() => []);
  id("change").hidden = all.length < 2;
  if (await camera.black((limit) => !lightest(limit))) fails("black");
}

const eye = new Eye(view);

/** Whether any pixel is lighter than this. */
function lightest(limit) {
  const seen = eye.look();
  return !seen || seen.pixels.some((pixel) => pixel > limit);
}

/** The guide, in the picture's own pixels: attributes only, no styles. */
function draw() {
  const svg = id("guide");
  const [width, height] = [view.videoWidth, view.videoHeight];
  if (!svg || !width) return;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const round = kind === "video" || kind === "note_photo";
  const box = round
    ? { x: width * 0.32, y: height * 0.16, width: width * 0.36, height: height * 0.6 }
    : guide(width, height, aspect);
  if (kind === "video") {
    const wide = Math.min(width * 0.6, height * 0.5);
    Object.assign(box, { x: (width - wide) / 2, width: wide });
    Object.assign(box, { y: (height - wide * 1.3) / 2, height: wide * 1.3 });
  }
  for (const part of svg.querySelectorAll("rect")) {
    for (const [name, value] of Object.entries(box)) part.setAttribute(name, String(value));
    part.setAttribute("rx", String(round ? box.width / 2 : width / 60));
  }
}

/** Looks at the picture five times a second and says one thing at a time. */
function watch() {
  const calm = new Calm();
  const known = {};
  let good = 0;
  let heard = performance.now();
  let ready = false;
  clearInterval(looking);
  looking = setInterval(() => {
    const now = performance.now();
    const seen = eye.look();
    if (!seen || busy) return;
    let what = judge(seen, kind, aspect, known);
    if (voice) {
      const { level, clipped } = voice.hear();
      id("level").value = Math.max(0, Math.min(1, (level + 60) / 60));
      if (level > QUIET_DB || !take) heard = now;
      if (take && now - heard > QUIET_MS) what = "quiet";
      if (clipped > CLIPPED) what = "loud";
    }
    // Nobody is talked to while speaking, except about what would spoil the take.
    if (take && what !== "quiet" && what !== "loud") what = undefined;
    good = what === "good" ? good + LOOK_MS : 0;
    if (good >= GOOD_MS) what = "ready";
    const told = calm.hear(what, now);
    if (told !== undefined) hint(text(told));
    ready = what === "ready" && calm.said === "ready";
    if (ready && option("auto")) shoot();
  }, LOOK_MS);
}

/** The picture as it is now: a JPEG, never mirrored. */
async function still() {
  const scale = Math.min(1, SIDE / Math.max(view.videoWidth, view.videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(view.videoWidth * scale);
  canvas.height = Math.round(view.videoHeight * scale);
  canvas.getContext("2d").drawImage(view, 0, 0, canvas.width, canvas.height);
  let jpeg;
  for (const quality of QUALITY) {
    jpeg = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (jpeg.size <= PHOTO_BYTES) break;
  }
  return jpeg;
}

async function countdown() {
  const seconds = Number(page.querySelector('input[name="timer"]:checked')?.value ?? 0);
  for (let left = seconds; left > 0 && camera.on; left -= 1) {
    id("count").textContent = String(left);
    say("hint", String(left));
    await pause(1000);
  }
  id("count").textContent = "";
}

async function shoot() {
  if (busy) return;
  busy = true;
  try {
    await countdown();
    if (!camera.on) return;
    const facts = camera.facts();
    const jpeg = await still();
    close();
    const address = URL.createObjectURL(jpeg);
    const shown = new Image();
    Object.assign(shown, { src: address, alt: id("still").dataset.alt });
    id("still").replaceChildren(shown);
    show("sending");
    say("alert", text("taken"));
    await sends(async () => {
      const made = await ask("/case/takes", { kind, camera: facts }, { told });
      upload = new Upload({ kind, type: "image/jpeg", take: made.take, told });
      upload.add(jpeg);
      upload.close();
      return upload.run();
    });
    URL.revokeObjectURL(address);
  } finally {
    busy = false;
  }
}

async function record() {
  if (take) {
    take.finish();
    return;
  }
  if (busy) return;
  busy = true;
  id("card").hidden = true;
  hint("");
  const slower = option("slower");
  const now = new Take({ media: camera.media, choice: await choice, slower, facts, tell });
  take = now;
  busy = false;
  id("camera").classList.add("live");
  id("shutter").textContent = text("stop");
  await sends(() => now.run());
}

const facts = () => camera.facts();

/** Sends, then goes to the page that shows what was found; or says what was wrong. */
async function sends(run) {
  unsent = true;
  try {
    const address = await run();
    unsent = false;
    close();
    location.assign(address);
  } catch (error) {
    unsent = false;
    if (error.code !== "cancelled") await again(error);
  }
}

/** Back to the viewfinder, with the reason. */
async function again(error) {
  ready();
  hint("");
  if (camera.alive) show("camera");
  else await open();
  if (camera.on || !id("camera").hidden) {
    card(error.code, error.message);
    id("shutter").focus();
  }
}

function ready() {
  take = undefined;
  id("camera").classList.remove("live");
  id("shutter").textContent = text(film ? "record" : "take");
  for (const name of ["sentence", "digit", "place"]) if (id(name)) id(name).textContent = "";
}

/** How far the sending is: spoken at quarters only. */
let quarter = 0;
function told(what, done, all) {
  if (what === "offline") say("status", text("offline"));
  else if (what === "slow") say("status", done >= SLOW_TRIES ? text("slow") : "");
  else say("status", "");
  if (what !== "sent" || !id("camera").hidden) return;
  const mega = (bytes) => (bytes / 1e6).toFixed(1);
  id("bar").value = done / all;
  id("sent").textContent = text("sent").replace("{n}", mega(done)).replace("{m}", mega(all));
  const now = Math.floor((4 * done) / all);
  if (now > quarter) say("progress", `${now * 25} %`);
  quarter = now;
}

const minutes = (ms) => `0:${String(Math.floor(ms / 1000)).padStart(2, "0")}`;

function tell(what, value, place, all) {
  if (what === "sentence") {
    id("sentence").textContent = value;
    id("digit").textContent = "";
  } else if (what === "digit") {
    id("sentence").textContent = "";
    id("digit").textContent = value;
    id("place").textContent = text("place").replace("{n}", place).replace("{m}", all);
  } else if (what === "time") {
    id("clock").textContent = minutes(value);
  } else if (what === "finish") {
    ready();
    close();
    show("sending");
    say("alert", text("recorded"));
  } else {
    told(what, value, place);
  }
}

function start() {
  id("howto-actions").hidden = false;
  const file = Number(page.dataset.tries) >= FAILURES || document.querySelector(".summary");
  show(file ? "picker" : "howto");
  id("howto").hidden = false;
  if (file) id("howto-actions").before(id("picker"));
  id("open").addEventListener("click", () => {
    // Before the camera is on: some browsers ask again when the address changes under it.
    history.pushState({ camera: true }, "");
    open();
  });
  id("broken").addEventListener("click", () => fails("broken"));
  addEventListener("popstate", () => {
    take?.spoil("video.cut", "back");
    close();
    show("howto");
  });
  addEventListener("pageshow", (event) => event.persisted && show("howto"));
  id("shut").addEventListener("click", () => history.back());
  id("shutter").addEventListener("click", film ? record : shoot);
  id("change").addEventListener("click", () => camera.change().then(draw, fails));
  id("again").addEventListener("click", () => {
    upload?.cancel();
    unsent = false;
    open();
  });
  for (const button of page.querySelectorAll("[data-pick]")) {
    button.addEventListener("click", () => id("file").focus());
  }
  addEventListener("beforeunload", (event) => unsent && event.preventDefault());
  addEventListener("offline", () => unsent && say("status", text("offline")));
}

start();
