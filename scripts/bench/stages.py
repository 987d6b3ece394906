"""The stages of looking at a 12-megapixel photo that no outside program does, one core: decoding,
quality, faces, hashes, beside the same with OpenCV, Pillow and ONNX Runtime.
Needs numpy, opencv-python-headless, pillow and onnxruntime.

    python scripts/bench/stages.py MODELS_DIR FACE.jpg path/to/examples/stages

The photo is FACE, enlarged on a table with a camera's noise. Prints medians and ratios. Both sides run in turns on one core.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})

import cv2  # noqa: E402
import numpy as np  # noqa: E402
from faces import embedding, landmarks, quality, session  # noqa: E402
from PIL import Image  # noqa: E402

cv2.setNumThreads(1)
ROUNDS = 9
FACE_SIDE, GRID = 320, 16


def enlarged(face, path):
    """A photo of 4000 x 3000 pixels with the face in its middle."""
    photo = np.random.default_rng(7).normal(70, 4, (3000, 4000, 3)).clip(0, 255).astype(np.uint8)
    photo[300:2700, 800:3200] = cv2.resize(cv2.imread(face), (2400, 2400), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(path, photo)
    return path


def decode(path):
    return cv2.imread(path)


def hashes(picture):
    """A gradient hash in both directions of the photo in eight positions, as Python's image hash
    libraries do it: by Pillow."""
    whole = Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).convert("L")
    turns = [None, *Image.Transpose]
    bits = []
    for turn in turns:
        turned = whole if turn is None else whole.transpose(turn)
        across = np.asarray(turned.resize((GRID + 1, GRID), Image.Resampling.LANCZOS))
        down = np.asarray(turned.resize((GRID, GRID + 1), Image.Resampling.LANCZOS))
        bits.append((across[:, 1:] > across[:, :-1], down[1:] > down[:-1]))
    return bits


def main():
    models, face, ours = sys.argv[1:4]
    with tempfile.TemporaryDirectory() as folder:
        compare(models, enlarged(face, os.path.join(folder, "photo.jpg")), ours)


def compare(models, photo, ours):
    detector = session(f"{models}/yunet_n_dynamic.onnx", 1)
    embedder = session(f"{models}/face_reid_0095.onnx", 1)
    program = subprocess.Popen([ours, models, photo], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    picture = decode(photo)
    work = {
        "decode": lambda: decode(photo),
        "quality": lambda: quality(picture),
        "faces": lambda: embedding(embedder, picture, landmarks(detector, picture, FACE_SIDE)),
        "hashes": lambda: hashes(picture),
    }
    theirs_ms, ours_ms = {name: [] for name in work}, {name: [] for name in work}
    for _ in range(ROUNDS):
        for name, run in work.items():
            start = time.perf_counter()
            run()
            theirs_ms[name].append((time.perf_counter() - start) * 1e3)
        program.stdin.write("\n")
        program.stdin.flush()
        for name, ms in json.loads(program.stdout.readline()).items():
            ours_ms[name].append(ms)
    program.stdin.close()
    sums = [0.0, 0.0]
    for name in work:
        a, b = statistics.median(ours_ms[name]), statistics.median(theirs_ms[name])
        sums = [sums[0] + a, sums[1] + b]
        print(f"{name}: ours {a:.1f} ms, Python {b:.1f} ms, {b / a:.1f} times as fast")
    print(f"together: ours {sums[0]:.0f} ms, Python {sums[1]:.0f} ms, {sums[1] / sums[0]:.1f} times as fast")


main()
