"""Two 12-megapixel JPEGs to a face score on one core: the same models by OpenCV and ONNX Runtime,
beside Regain's own. Needs numpy, opencv-python-headless and onnxruntime, e.g. in a venv of its own.

    python scripts/bench/face.py MODELS_DIR A.jpg B.jpg path/to/examples/face_score

Prints medians, both scores, and the ratio of the times. Both sides run in turns on one core, so
that a busy machine slows both.
"""

import json
import os
import statistics
import subprocess
import sys
import time

os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})

import cv2  # noqa: E402
from faces import embedding, landmarks, session  # noqa: E402

cv2.setNumThreads(1)
ROUNDS = 7
LONG_SIDE = 320


def main():
    models, one, other, ours = sys.argv[1:5]
    detector = session(f"{models}/yunet_n_dynamic.onnx", 1)
    embedder = session(f"{models}/face_reid_0095.onnx", 1)

    def score():
        vectors = []
        for path in (one, other):
            picture = cv2.imread(path)
            vectors.append(embedding(embedder, picture, landmarks(detector, picture, LONG_SIDE)))
        return float(vectors[0] @ vectors[1])

    score()
    program = subprocess.Popen(
        [ours, models, one, other], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    theirs_ms, ours_ms, answer = [], [], {}
    for _ in range(ROUNDS):
        start = time.perf_counter()
        theirs = score()
        theirs_ms.append((time.perf_counter() - start) * 1e3)
        program.stdin.write("\n")
        program.stdin.flush()
        answer = json.loads(program.stdout.readline())
        ours_ms.append(answer["ms"])
    program.stdin.close()
    a, b = statistics.median(ours_ms), statistics.median(theirs_ms)
    print(f"ours {a:.0f} ms (score {answer['score']:.3f}), Python {b:.0f} ms (score {theirs:.3f}), ratio {a / b:.2f}")


main()
