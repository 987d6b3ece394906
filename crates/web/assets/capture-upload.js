// Sends what was taken: the calls of a take, and one resumable upload (tus 1.0). The bytes stay in
// memory, and every call is repeated for as long as the page lives, until the server answers.

const TUS = { "Tus-Resumable": "1.0.0", Accept: "application/json" };
const PIECE = 512 * 1024;
const PIECE_MIN = 256 * 1024;
const PIECE_MAX = 2 * 1024 * 1024;
/** Seconds between tries. */
const WAITS = [1, 2, 4, 8, 16, 30];
/** How often the same piece is sent again when it arrives damaged. */
const DAMAGED_MAX = 5;

/** What the server said no to: its stable code and its sentence. */
export class Refused extends Error {
  constructor(code, sentence) {
    super(sentence);
    this.code = code;
  }
}

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const coded = (text) => base64(new TextEncoder().encode(text));
const digest = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** A moment; ends early when the line comes back, fails when the signal says stop. */
export const pause = (ms, signal, early) =>
  new Promise((done, fail) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal?.removeEventListener("abort", end);
      if (signal?.aborted) fail(signal.reason);
      else done();
    };
    const timer = setTimeout(end, ms);
    if (early) addEventListener("online", end);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });

/** One call, repeated while there is no line or the server is busy. */
export async function call(method, path, { headers, body, signal, told, once } = {}) {
  for (let tries = 0; ; tries += 1) {
    let answer;
    try {
      answer = await fetch(path, { method, headers: { ...TUS, ...headers }, body, signal });
    } catch (error) {
      if (signal?.aborted || once) throw signal?.reason ?? error;
    }
    if (answer && answer.status < 500 && answer.status !== 429) {
      told?.("line");
      return answer;
    }
    if (answer && (once || answer.status === 429)) throw await refusal(answer);
    told?.(navigator.onLine ? "slow" : "offline", tries);
    const seconds = WAITS[Math.min(tries, WAITS.length - 1)];
    await pause(seconds * 1000 * (0.8 + 0.4 * Math.random()), signal, true);
  }
}

/** The problem document of an answer. */
export async function refusal(answer) {
  const problem = await answer.json().catch(() => ({}));
  return new Refused(problem.code, problem.errors?.[0]?.sentence ?? problem.title ?? "");
}

/** A call with JSON; what the server says no to is thrown. */
export async function ask(path, value, options = {}) {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify(value);
  const answer = await call("POST", path, { ...options, headers, body });
  if (!answer.ok) throw await refusal(answer);
  return answer.status === 204 ? {} : answer.json();
}

/** One upload. Bytes may be added while it runs; `told` hears of the line and of progress. */
export class Upload {
  constructor({ kind, type, take, streams, told }) {
    Object.assign(this, { kind, type, take, streams, told });
    this.whole = new Blob([]);
    this.closed = false;
    this.offset = 0;
    this.stop = new AbortController();
    this.wake = () => {};
  }

  add(blob) {
    this.whole = new Blob([this.whole, blob], { type: this.type });
    this.wake();
  }

  close() {
    this.closed = true;
    this.wake();
  }

  /** Gives the upload up, here and on the server. */
  cancel() {
    this.stop.abort(new Refused("cancelled", ""));
    if (this.url) {
      fetch(this.url, { method: "DELETE", headers: TUS, keepalive: true }).catch(() => {});
    }
  }

  /** Resolves with the address of the page that shows what was found. */
  async run() {
    while (!this.streams && !this.closed) await this.more();
    await this.begin();
    let piece = PIECE;
    let quick = 0;
    let damaged = 0;
    for (;;) {
      const end = Math.min(this.offset + piece, this.whole.size);
      const last = this.closed && end === this.whole.size;
      if (end === this.offset && !last) {
        await this.more();
        continue;
      }
      const began = performance.now();
      const answer = await this.send(end, last);
      const offset = Number(answer.headers.get("Upload-Offset") ?? NaN);
      if (answer.status === 204) {
        this.offset = offset;
        this.told?.("sent", offset, this.whole.size);
        const page = answer.headers.get("Content-Location");
        if (page) return page;
        quick = performance.now() - began < 1000 ? quick + 1 : 0;
        if (quick >= 3) piece = PIECE_MAX;
      } else if (answer.status === 409 && offset >= 0) {
        this.offset = offset;
        piece = PIECE_MIN;
      } else if (answer.status === 460 && damaged < DAMAGED_MAX) {
        damaged += 1;
        piece = PIECE_MIN;
      } else {
        throw await refusal(answer);
      }
    }
  }

  more() {
    return new Promise((done) => (this.wake = done));
  }

  async begin() {
    const about = [["kind", this.kind], ["type", this.type], ["take", this.take]];
    const headers = this.streams
      ? { "Upload-Defer-Length": "1" }
      : { "Upload-Length": String(this.whole.size) };
    if (!this.streams) about.push(["sha256", hex(await digest(await this.whole.arrayBuffer()))]);
    headers["Upload-Metadata"] = about.map(([key, value]) => `${key} ${coded(value)}`).join();
    const { told, stop } = this;
    const made = await call("POST", "/case/uploads", { headers, signal: stop.signal, told });
    if (!made.ok) throw await refusal(made);
    this.url = made.headers.get("Location");
  }

  async send(end, last) {
    const body = await this.whole.slice(this.offset, end).arrayBuffer();
    const headers = {
      "Content-Type": "application/offset+octet-stream",
      "Upload-Offset": String(this.offset),
      "Upload-Checksum": `sha256 ${base64(await digest(body))}`,
    };
    if (last && this.streams) {
      const whole = hex(await digest(await this.whole.arrayBuffer()));
      headers["Upload-Length"] = String(this.whole.size);
      headers["Upload-Metadata"] = `sha256 ${coded(whole)}`;
    }
    const { told, stop } = this;
    return call("PATCH", this.url, { headers, body, signal: stop.signal, told });
  }
}
