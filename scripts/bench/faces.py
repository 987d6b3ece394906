"""Light, blur and faces with OpenCV and ONNX Runtime: the peer's side of the benchmarks."""

import cv2
import numpy as np
import onnxruntime as ort

TEMPLATE = np.array(
    [[40.3928, 59.0815], [87.37573, 59.0815], [64.0336, 81.98469], [44.7324, 105.56056], [83.63987, 105.56056]],
    np.float32,
)


def session(path, threads=0):
    """A model; as many threads as the machine has cores unless it is said how many."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = threads
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def smaller(picture, side):
    """A copy whose longer side has at most so many pixels."""
    height, width = picture.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (round(width * scale), round(height * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA), scale


def quality(picture):
    """Mean brightness, and the variance of the Laplacian, of a copy of 1000 pixels."""
    grey = cv2.cvtColor(smaller(picture, 1000)[0], cv2.COLOR_BGR2GRAY)
    return float(grey.mean()), float(cv2.Laplacian(grey, cv2.CV_64F).var())


def landmarks(detector, picture, side):
    """Five points of the best face, looked for in a copy of that longer side; None without one."""
    small, scale = smaller(picture, side)
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
    """The vector of the face with these points, of length 1."""
    one, other = points - points.mean(0), TEMPLATE - TEMPLATE.mean(0)
    spread = (one**2).sum()
    a = (one * other).sum() / spread
    b = (one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]).sum() / spread
    turn = np.array([[a, -b], [b, a]])
    shift = TEMPLATE.mean(0) - turn @ points.mean(0)
    face = cv2.warpAffine(picture, np.hstack([turn, shift[:, None]]), (128, 128), flags=cv2.INTER_LINEAR)
    vector = embedder.run(None, {"input": face.astype(np.float32).transpose(2, 0, 1)[None]})[0].ravel()
    return vector / np.linalg.norm(vector)
