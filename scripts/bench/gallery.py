"""Exact search among a million faces, one core, beside faiss's exact index on the same vectors in
the same run. Needs numpy and faiss-cpu, and 6 GB of memory.

    python scripts/bench/gallery.py path/to/examples/gallery [FACES]

Vectors are random and of length one: an exact search looks at all of them, whatever they are.
Prints medians, the ratio and whether both found the same faces. Both sides run in turns.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})

import faiss  # noqa: E402
import numpy as np  # noqa: E402

faiss.omp_set_num_threads(1)
DIMENSIONS, QUERIES, NEAREST, ROUNDS = 256, 8, 10, 5


def unit(rows, seed):
    vectors = np.random.default_rng(seed).standard_normal((rows, DIMENSIONS), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def main():
    program, faces = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    vectors, queries = unit(faces, 1), unit(QUERIES, 2)
    index = faiss.IndexFlatIP(DIMENSIONS)
    index.add(vectors)
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("faces", "queries")]
        for path, data in zip(paths, (vectors, queries)):
            data.tofile(path)
        command = [program, *paths, str(DIMENSIONS), str(NEAREST)]
        ours = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        compare(index, queries, ours, faces)


def compare(index, queries, program, faces):
    theirs_ms, ours_ms, same = [], [], True
    for _ in range(ROUNDS):
        # One at a time, as cases come: faiss would search a batch by one matrix product.
        start = time.perf_counter()
        theirs = [index.search(query[None], NEAREST)[1][0].tolist() for query in queries]
        theirs_ms.append((time.perf_counter() - start) * 1e3 / QUERIES)
        program.stdin.write("\n")
        program.stdin.flush()
        answer = json.loads(program.stdout.readline())
        ours_ms.append(answer["ms"] / QUERIES)
        same = same and answer["found"] == theirs
    theirs, ours = statistics.median(theirs_ms), statistics.median(ours_ms)
    print(f"{faces} faces of {DIMENSIONS} numbers, {NEAREST} nearest, one core, a search: "
          f"faiss {theirs:.1f} ms, ours {ours:.1f} ms, ratio {ours / theirs:.2f}; same faces: {same}")


if __name__ == "__main__":
    main()
