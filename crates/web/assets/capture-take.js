// One video in one take: the sentence, then digits that the server reveals while slices arrive.

import { Refused, Upload, ask, pause } from "./capture-upload.js";

/** Formats that give slices while they record, then those that come whole at the end. */
const SLICED = "video/webm;codecs=vp8,opus";
const WHOLE = [
  "video/mp4;codecs=avc1.42E01F,mp4a.40.2",
  SLICED,
  "video/webm;codecs=vp9,opus",
  "video/mp4;codecs=avc1.42E01F,opus",
  "video/mp4",
  "video/webm",
];
const SLICE_MS = 1000;
/** A browser that gives slices has given one by then. */
const PROBE_MS = 2500;
/** The longest take, in milliseconds and bytes. */
const TAKE_MS = 45_000;
const TAKE_BYTES = 40 * 1024 * 1024;
const BITS = { videoBitsPerSecond: 2_000_000, audioBitsPerSecond: 64_000 };
/** On a line that is saved, or too slow for the first half megabyte. */
const BITS_LOW = { videoBitsPerSecond: 1_000_000, audioBitsPerSecond: 64_000 };
/** Time to read one word of the sentence aloud, and to take a breath before. */
const WORD_MS = 420;
const BREATH_MS = 1500;
/** Between two questions for a digit that is not there yet, and how often it is asked for. */
const AGAIN_MS = 300;
const AGAIN_MAX = 60;

const supported = (type) => MediaRecorder.isTypeSupported?.(type) ?? false;

/** Whether this browser hands out slices while it records, and in which format it records. */
export async function probe(media) {
  const whole = { type: WHOLE.find(supported), streams: false };
  if (!supported(SLICED)) return whole;
  const recorder = new MediaRecorder(media, { mimeType: SLICED, ...BITS_LOW });
  const sliced = await new Promise((done) => {
    let slices = 0;
    recorder.ondataavailable = (event) => {
      if (recorder.state === "recording" && event.data.size) slices += 1;
      if (slices) done(true);
    };
    recorder.onerror = () => done(false);
    setTimeout(done, PROBE_MS, false);
    recorder.start(SLICE_MS / 4);
  }).catch(() => false);
  if (recorder.state !== "inactive") recorder.stop();
  return sliced ? { type: SLICED, streams: true } : whole;
}

/** The voice of a stream: level in dBFS and the share of clipped samples. */
export class Voice {
  constructor(media) {
    this.context = new AudioContext();
    this.ear = this.context.createAnalyser();
    this.ear.fftSize = 2048;
    this.context.createMediaStreamSource(media).connect(this.ear);
    this.samples = new Float32Array(this.ear.fftSize);
  }

  hear() {
    this.ear.getFloatTimeDomainData(this.samples);
    let power = 0;
    let clipped = 0;
    for (const sample of this.samples) {
      power += sample * sample;
      if (Math.abs(sample) > 0.99) clipped += 1;
    }
    const level = 10 * Math.log10(power / this.samples.length + 1e-10);
    return { level, clipped: clipped / this.samples.length };
  }

  close() {
    this.context.close().catch(() => {});
  }
}

/** One take. `tell` hears `sentence`, `digit`, `time` and `finish`, and of the line. */
export class Take {
  constructor({ media, choice, slower, facts, tell }) {
    Object.assign(this, { media, choice, slower, facts, tell });
    this.over = new AbortController();
    this.interruptions = [];
  }

  /** Ends it as worthless; the reason is a code of the page's words. */
  spoil(code, what) {
    if (this.recorded) return;
    if (what) this.interruptions.push(what);
    this.over.abort(new Refused(code, ""));
  }

  /** Ends the recording; what was read so far is sent. */
  finish() {
    this.stopped = true;
    this.enough?.();
  }

  /** Resolves with the address of the page that shows what was found. */
  async run() {
    const { streams } = this.choice;
    const about = { kind: "video", streams, slower: this.slower, camera: this.facts() };
    this.take = await ask("/case/takes", about, { signal: this.over.signal });
    const recorder = this.record();
    const sent = this.upload.run();
    sent.catch((error) => this.over.abort(error));
    try {
      await this.speak();
      await this.end(recorder);
      this.recorded = true;
    } catch (error) {
      this.end(recorder).catch(() => {});
      this.upload.cancel();
      this.report();
      throw error;
    }
    this.report();
    this.upload.close();
    this.tell("finish");
    return sent;
  }

  record() {
    const { type, streams } = this.choice;
    const slow = navigator.connection?.saveData;
    const options = { ...(slow ? BITS_LOW : BITS), ...(type && { mimeType: type }) };
    const recorder = new MediaRecorder(this.media, options);
    const told = (what, ...more) => this.tell(what, ...more);
    this.upload = new Upload({ kind: "video", take: this.take.take, streams, told });
    this.upload.type = (type ?? recorder.mimeType).split(";")[0] || "video/mp4";
    recorder.ondataavailable = ({ data }) => {
      if (!this.over.signal.aborted && data.size) this.upload.add(data);
      if (this.upload.whole.size > TAKE_BYTES) this.finish();
    };
    recorder.onerror = () => this.spoil("video.cut", "recorder");
    recorder.start(SLICE_MS);
    this.began = performance.now();
    this.clock = setInterval(() => {
      const ms = performance.now() - this.began;
      this.tell("time", ms);
      if (ms >= TAKE_MS) this.finish();
    }, 250);
    return recorder;
  }

  /** A moment of the take, cut short when it is stopped. */
  async wait(ms) {
    const enough = new Promise((done) => (this.enough = done));
    await Promise.race([pause(ms, this.over.signal), enough]);
  }

  async speak() {
    const { sentence, digits } = this.take;
    this.tell("sentence", sentence);
    const words = sentence.split(" ").length;
    await this.wait((BREATH_MS + WORD_MS * words) * (this.slower ? 2 : 1));
    for (let place = 1; place <= digits; place += 1) {
      if (this.stopped) throw new Refused("video.short", "");
      const told = await this.reveal(place);
      this.tell("digit", told.digit, place, digits);
      await this.wait(told.after_ms);
    }
    // The last digit is still being said.
    if (!this.stopped) await this.wait(this.take.pace_ms);
  }

  /** Asks for a digit until slices have arrived; what was told is told again after a lost answer. */
  async reveal(place) {
    const options = { signal: this.over.signal, once: true };
    for (let times = 0; times < AGAIN_MAX; times += 1) {
      try {
        return await ask(`/case/takes/${this.take.take}/next`, { place }, options);
      } catch (error) {
        if (this.over.signal.aborted) throw this.over.signal.reason;
        if (error.code === "take_over") throw new Refused("video.slow_words", "");
        const later = ["take_waiting", "take_early", "unavailable", undefined];
        if (!later.includes(error.code)) throw error;
        if (this.stopped) throw new Refused("video.short", "");
        await pause(AGAIN_MS, this.over.signal);
      }
    }
    throw new Refused("line", "");
  }

  /** Stops the recorder and waits for its last slice. */
  async end(recorder) {
    clearInterval(this.clock);
    this.duration = Math.round(performance.now() - this.began);
    if (recorder.state === "inactive") return;
    await new Promise((done) => {
      recorder.addEventListener("stop", done);
      recorder.stop();
    });
  }

  /** Signals for people; nothing depends on it. */
  report() {
    const { interruptions, duration } = this;
    const value = { camera: this.facts(), interruptions, duration_ms: duration };
    ask(`/case/takes/${this.take.take}/end`, value, { once: true }).catch(() => {});
  }
}
