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
import numpy as np  # noqa: E402
import onnxruntime as ort  # noqa: E402

cv2.setNumThreads(1)
ROUNDS = 7
LONG_SIDE = 320
TEMPLATE = np.array(
    [[40.3928, 59.0815], [87.37573, 59.0815], [64.0336, 81.98469], [44.7324, 105.56056], [83.63987, 105.56056]],
    np.float32,
)


def session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def landmarks(detector, picture):
    height, width = picture.shape[:2]
    scale = min(1.0, LONG_SIDE / max(height, width))
    small = cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    rows, columns = small.shape[:2]
    padded = np.zeros(((rows + 31) // 32 * 32, (columns + 31) // 32 * 32, 3), np.float32)
    padded[:rows, :columns] = small
    names = [output.name for output in detector.get_outputs()]
    out = dict(zip(names, detector.run(None, {"input": padded.transpose(2, 0, 1)[None]})))
    best = (0.0, None)
    for stride in (8, 16, 32):
        score = np.sqrt(np.clip(out[f"cls_{stride}"][0, :, 0], 0, 1) * np.clip(out[f"obj_{stride}"][0, :, 0], 0, 1))
        across = padded.shape[1] // stride
        place = int(score.argmax())
        if score[place] > best[0]:
            row, column = divmod(place, across)
            points = (out[f"kps_{stride}"][0, place].reshape(5, 2) + [column, row]) * stride
            best = (score[place], points / scale)
    return best[1]


def embedding(embedder, picture, points):
    one, other = points - points.mean(0), TEMPLATE - TEMPLATE.mean(0)
    spread = (one**2).sum()
    a = (one * other).sum() / spread
    b = (one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]).sum() / spread
    turn = np.array([[a, -b], [b, a]])
    shift = TEMPLATE.mean(0) - turn @ points.mean(0)
    face = cv2.warpAffine(picture, np.hstack([turn, shift[:, None]]), (128, 128), flags=cv2.INTER_LINEAR)
    vector = embedder.run(None, {"input": face.astype(np.float32).transpose(2, 0, 1)[None]})[0].ravel()
    return vector / np.linalg.norm(vector)


def main():
    models, one, other, ours = sys.argv[1:5]
    detector = session(f"{models}/yunet_n_dynamic.onnx")
    embedder = session(f"{models}/face_reid_0095.onnx")

    def score():
        vectors = []
        for path in (one, other):
            picture = cv2.imread(path)
            vectors.append(embedding(embedder, picture, landmarks(detector, picture)))
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
