// The camera: opening it, knowing what is wrong with it, and switching it off for certain.

const AUDIO = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: true,
  channelCount: { ideal: 1 },
};
/** Below this luma (of 255) a pixel is black; a dark room still has noise above it. */
const BLACK = 12;
/** A camera that nobody uses is switched off. */
const IDLE_MS = 3 * 60 * 1000;

const video = (facing, width, height, device) => ({
  ...(device ? { deviceId: { ideal: device } } : { facingMode: { ideal: facing } }),
  width: { ideal: width },
  height: { ideal: height },
  frameRate: { ideal: 30, max: 30 },
});

/** Which words of the page fit what the browser says. */
export const trouble = (error) =>
  ({
    NotAllowedError: "denied",
    SecurityError: "denied",
    NotFoundError: "absent",
    TypeError: "absent",
    black: "black",
    recorder: "recorder",
    broken: "broken",
  })[error?.name ?? error] ?? "busy";

/** A stream: as good as there is, and any camera rather than none. */
async function stream(facing, film, device) {
  const audio = film && AUDIO;
  const wanted = [
    film ? video(facing, 1280, 720, device) : video(facing, 1920, 1080, device),
    video(facing, 1280, 720, device),
    true,
  ];
  for (const [place, one] of wanted.entries()) {
    try {
      return [await navigator.mediaDevices.getUserMedia({ video: one, audio }), one];
    } catch (error) {
      if (error.name !== "OverconstrainedError" || place === wanted.length - 1) throw error;
    }
  }
}

const settled = (ms) => new Promise((done) => setTimeout(done, ms));

export class Camera {
  /** `lost` hears why the camera is gone or was interrupted. */
  constructor(view, { facing, film, lost }) {
    Object.assign(this, { view, facing, film, lost, device: undefined });
    this.changes = 0;
    addEventListener("pagehide", () => this.close());
    document.addEventListener("visibilitychange", () => document.hidden && this.lost("hidden"));
    navigator.mediaDevices?.addEventListener?.("devicechange", () => (this.changes += 1));
    view.addEventListener("resize", () => this.turned());
    for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, () => this.awake());
  }

  get on() {
    return Boolean(this.media);
  }

  /** On, and every track still gives something. */
  get alive() {
    return this.on && this.media.getTracks().every((track) => track.readyState === "live");
  }

  async open() {
    this.close();
    const [media, wanted] = await stream(this.facing, this.film, this.device);
    this.media = media;
    this.wanted = wanted;
    for (const track of media.getTracks()) {
      track.addEventListener("ended", () => this.media === media && this.lost("ended"));
      track.addEventListener("mute", () => this.media === media && this.lost("mute"));
    }
    await this.show();
    this.size = [this.view.videoWidth, this.view.videoHeight];
    this.lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
    this.awake();
  }

  async show() {
    this.view.srcObject = this.media;
    await this.view.play();
  }

  /** Two seconds of nothing but black: once more, then it is said. */
  async black(looks) {
    for (const last of [false, true]) {
      for (let times = 0; times < 10; times += 1) {
        await settled(200);
        if (!this.media || !looks(BLACK)) return false;
      }
      if (!last) {
        this.view.srcObject = null;
        await this.show().catch(() => {});
      }
    }
    return Boolean(this.media);
  }

  turned() {
    const [width, height] = this.size ?? [];
    const now = [this.view.videoWidth, this.view.videoHeight];
    if (width > height !== now[0] > now[1]) this.lost("turned");
    this.size = now;
  }

  awake() {
    clearTimeout(this.idle);
    if (this.media) this.idle = setTimeout(() => this.lost("idle"), IDLE_MS);
  }

  close() {
    clearTimeout(this.idle);
    for (const track of this.media?.getTracks() ?? []) track.stop();
    this.media = undefined;
    this.view.srcObject = null;
    this.lock?.release?.().catch(() => {});
  }

  /** Other cameras there are, in the browser's order. */
  async others() {
    const all = await navigator.mediaDevices.enumerateDevices();
    return all.filter((device) => device.kind === "videoinput");
  }

  async change() {
    const all = await this.others();
    const now = this.media?.getVideoTracks()[0]?.getSettings().deviceId;
    const place = all.findIndex((device) => device.deviceId === now);
    this.device = all[(place + 1) % all.length]?.deviceId;
    await this.open();
  }

  /** What the browser says of the camera: a signal for people, never a gate. */
  facts() {
    const [picture] = this.media?.getVideoTracks() ?? [];
    const [sound] = this.media?.getAudioTracks() ?? [];
    const quality = this.view.getVideoPlaybackQuality?.();
    const text = (track) => track?.label.slice(0, 200);
    return {
      label: text(picture),
      sound: text(sound),
      asked: this.wanted,
      given: picture?.getSettings(),
      frames: quality && [quality.totalVideoFrames, quality.droppedVideoFrames],
      changes: this.changes,
    };
  }
}
