"""A whole bundle (ID front and back, note photo, 10 s of 720p video, two screenshots) by `regain
evidence inspect`, beside a plain assembly in Python with the same models and outside programs.
Needs numpy, opencv-python-headless and onnxruntime, and ffmpeg and tesseract on the path.

    python scripts/bench/bundle.py MODELS_DIR FRONT BACK FACE path/to/regain

FRONT, BACK and FACE are pictures; the 12-megapixel photos, the video and the screenshots are made
of them in a temporary folder. Both sides run as whole processes in turns, start and loading of
models included. Prints medians, the peak memory of each with its children, and the ratio.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROUNDS = 9
WORDS, ZONE, LONG_SIDE = 1500, 2400, 640
FRAMES = 12


# ---- what both sides are given

def make(folder, front, back, face):
    import cv2
    import numpy as np

    rng = np.random.default_rng(7)

    def table():
        return np.clip(rng.normal(70, 4, (3000, 4000, 3)), 0, 255).astype(np.uint8)

    def lay(picture, on, width, left, top):
        height = round(picture.shape[0] * width / picture.shape[1])
        height = min(height, on.shape[0] - top)
        on[top : top + height, left : left + width] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)

    def path(name):
        return os.path.join(folder, name)

    front, back, face = map(cv2.imread, (front, back, face))
    for name, picture in (("front.jpg", front), ("back.jpg", back)):
        photo = table()
        lay(picture, photo, 3200, 400, 300)
        cv2.imwrite(path(name), photo)
    photo = table()
    lay(face, photo, 1500, 200, 300)
    lay(front, photo, 1600, 2100, 200)
    paper = np.full((1100, 1700, 3), 245, np.uint8)
    lines = ("I ask Exemplar to give me back", "my account", "26 November 2026", "RG-T162-3YS9")
    for row, line in enumerate(lines):
        cv2.putText(paper, line, (60, 220 + 220 * row), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 3.2, (90, 30, 20), 6)
    photo[1750:2850, 2050:3750] = paper
    cv2.imwrite(path("note.jpg"), photo)
    for number in (1, 2):
        screen = np.full((2340, 1080, 3), 250, np.uint8)
        for row in range(14):
            line = f"2024-0{number}-1{row % 10}  Withdrawal  0.{row + 1}5 BTC"
            cv2.putText(screen, line, (40, 160 + 140 * row), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (30, 30, 30), 3)
        cv2.imwrite(path(f"screen{number}.png"), screen)
    frame = np.full((720, 1280, 3), 110, np.uint8)
    lay(face, frame, 600, 340, 60)
    cv2.imwrite(path("frame.png"), frame)
    still = ["-loop", "1", "-framerate", "30", "-i", path("frame.png")]
    tone = ["-f", "lavfi", "-i", "sine=frequency=220:sample_rate=48000"]
    coded = ["-vf", "noise=alls=5:allf=t", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
    out = ["-c:a", "aac", "-t", "10", path("video.mp4")]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *still, *tone, *coded, *out], check=True)


# ---- the plain assembly, run as a process of its own

def assembly(models, folder):
    import cv2
    import numpy as np
    from faces import embedding, landmarks, quality, session
    from faces import smaller as scaled

    detector = session(f"{models}/yunet_n_dynamic.onnx")
    embedder = session(f"{models}/face_reid_0095.onnx")

    def smaller(picture, side):
        return scaled(picture, side)[0]

    def prints(picture):
        grey = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (64, 64), interpolation=cv2.INTER_AREA)
        low = cv2.dct(grey.astype(np.float32))[:16, :16]
        return low > np.median(low)

    def edges(picture):
        grey = cv2.GaussianBlur(cv2.cvtColor(smaller(picture, 1000), cv2.COLOR_BGR2GRAY), (5, 5), 0)
        found, _ = cv2.findContours(cv2.Canny(grey, 40, 120), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        return max(map(cv2.contourArea, found), default=0.0)

    def read(picture, side, mode, language="eng"):
        grey = cv2.cvtColor(smaller(picture, side), cv2.COLOR_BGR2GRAY)
        _, data = cv2.imencode(".pgm", grey)
        command = ["tesseract", "-", "-", "--dpi", "300", "--psm", mode, "-l", language, "tsv"]
        if language == "mrz":
            command[3:3] = ["--tessdata-dir", f"{models}/mrz"]
        return subprocess.run(command, input=data.tobytes(), capture_output=True, check=False).stdout

    def face(picture):
        points = landmarks(detector, picture, LONG_SIDE)
        return None if points is None else embedding(embedder, picture, points)

    def open_(name):
        picture = cv2.imread(os.path.join(folder, name))
        return picture, quality(picture), prints(picture)

    found = []
    for name, task in (("front.jpg", "eng"), ("back.jpg", "mrz")):
        picture, *facts = open_(name)
        side, mode = (WORDS, "11") if task == "eng" else (ZONE, "6")
        found.append((facts, edges(picture), read(picture, side, mode, task), face(picture)))
    picture, *facts = open_("note.jpg")
    found.append((facts, edges(picture), read(picture[1750:2850, 2050:3750], WORDS, "6"), face(picture)))
    for name in ("screen1.png", "screen2.png"):
        picture, *facts = open_(name)
        found.append((facts, read(picture, ZONE, "11")))
    video = os.path.join(folder, "video.mp4")
    raw = ["ffmpeg", "-v", "error", "-i", video, "-vf", "fps=5,scale=640:-2", "-f", "rawvideo", "-pix_fmt", "bgr24", "-"]
    data = subprocess.run(raw, capture_output=True, check=True).stdout
    frames = np.frombuffer(data, np.uint8).reshape(-1, 360, 640, 3)
    motion = [float(cv2.absdiff(one, other).mean()) for one, other in zip(frames, frames[1:])]
    step = max(1, len(frames) // FRAMES)
    found.append((motion, [(face(frame), prints(frame)) for frame in frames[::step][:FRAMES]]))
    sound = ["ffmpeg", "-v", "error", "-i", video, "-f", "s16le", "-ac", "1", "-ar", "16000", "-"]
    found.append(len(subprocess.run(sound, capture_output=True, check=True).stdout))
    subprocess.run(["ffprobe", "-v", "error", "-show_packets", "-of", "json", video], capture_output=True, check=True)
    print(json.dumps({"found": len(found)}))


# ---- the comparison

def tree(root):
    """Memory of a process and all below it in MB, shared pages by their parts."""
    todo, total = [(root, None)], 0
    while todo:
        process, above = todo.pop()
        try:
            program = os.readlink(f"/proc/{process}/exe")
            if program == above:
                continue  # Just forked: until it runs its own program, this is its parent's memory.
            with open(f"/proc/{process}/smaps_rollup") as lines:
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/children") as line:
                    todo += [(int(child), program) for child in line.read().split()]
        except OSError:
            continue  # It ended meanwhile.
    return total / 1024


def run(command):
    start, peak, over = time.perf_counter(), [0.0], threading.Event()
    # Threads of the reader that wait for one another would make the Python side look bad.
    calm = os.environ | {"OMP_THREAD_LIMIT": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=calm)

    def watch():
        while not over.wait(0.1):
            peak[0] = max(peak[0], tree(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, error = process.communicate()
    took = time.perf_counter() - start
    over.set()
    watcher.join()
    if not out:
        sys.exit(error.decode())
    return took, peak[0], out


def main():
    models, front, back, face, ours = sys.argv[1:6]
    with tempfile.TemporaryDirectory() as folder:
        make(folder, front, back, face)
        file = lambda name: os.path.join(folder, name)
        more = (("id_back", "back.jpg"), ("note_photo", "note.jpg"), ("video", "video.mp4"))
        more += (("screenshot", "screen1.png"), ("screenshot", "screen2.png"))
        regain = [ours, "evidence", "inspect", "--models", models, "--json", "--kind", "id_front", file("front.jpg")]
        for kind, name in more:
            regain += ["--with", f"{kind}={file(name)}"]
        python = [sys.executable, __file__, "--assembly", models, folder]
        sides = {"ours": regain, "Python": python}
        times = {name: [] for name in sides}
        peaks = {name: 0.0 for name in sides}
        for _ in range(ROUNDS):
            for name, command in sides.items():
                took, peak, out = run(command)
                times[name].append(took)
                peaks[name] = max(peaks[name], peak)
                if name == "ours":
                    findings = json.loads(out)
        middle = {name: statistics.median(values) for name, values in times.items()}
        for name in sides:
            print(f"{name}: {middle[name]:.2f} s (least {min(times[name]):.2f}), peak {peaks[name]:.0f} MB")
        print(f"ratio {middle['ours'] / middle['Python']:.2f}")
        shown = findings if isinstance(findings, list) else findings.get("findings", [])
        for code, took in sorted({(one["code"], one["took_ms"]) for one in shown}, key=lambda pair: -pair[1])[:12]:
            print(f"  {took:5} ms  {code}")


if sys.argv[1] == "--assembly":
    assembly(sys.argv[2], sys.argv[3])
else:
    main()
