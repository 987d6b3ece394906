"""Gives every fuzz target files to begin from: fuzz_seeds.py TESTDATA CORPUS (docs/guide/fuzzing.md).

The corpus is a folder per target. It holds photos of people and documents, so keep it outside of the repository.
Needs ffmpeg and ffprobe.
"""

import csv
import hashlib
import json
import pathlib
import subprocess
import sys

# Bytes of the longest seed: the same as -max_len in fuzz.sh.
LONGEST = 65_536
# Seeds of one kind for one target: more only slow the first round down.
MOST = 150
STILLS = {".jpg", ".jpeg", ".png", ".webp", ".heic", ".avif", ".gif", ".tif", ".bmp", ".ico", ".pdf"}
# As ENTRIES of crates/evidence/src/video/probe.rs.
ENTRIES = (
    "format=nb_streams:format_tags:stream=index,codec_type,width,height,avg_frame_rate,nb_frames:"
    "stream_disposition=attached_pic:stream_tags:packet=stream_index,pts_time,duration_time,pos,size"
)


def tool(*words):
    """What a tool prints, or nothing where it refuses."""
    ran = subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    return ran.stdout if ran.returncode == 0 else b""


def evenly(items):
    step = max(1, len(items) // MOST)
    return items[::step][:MOST]


def main():
    testdata, corpus = (pathlib.Path(word) for word in sys.argv[1:3])
    files = sorted(path for path in testdata.rglob("*") if path.is_file())
    kind = lambda *endings: [path for path in files if path.suffix in endings]

    def seed(target, content):
        if content:
            folder = corpus / target
            folder.mkdir(parents=True, exist_ok=True)
            content = content[:LONGEST]
            (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)

    hostile = [path for path in files if "hostile_media" in path.parts]
    photos = [path for path in kind(*STILLS) if path not in set(hostile) and path.stat().st_size <= LONGEST]
    for path in hostile + evenly(photos):
        content = path.read_bytes()
        for target in ("sniff", "still"):
            seed(target, content)
        if path.suffix in STILLS and path.stat().st_size <= LONGEST:
            seed("picture", content)
        if content.startswith(b"\xff\xd8"):
            seed("jpeg", content)

    for path in evenly(photos):
        small = ("-vf", "scale=48:32", "-frames:v", "1", "-f")
        seed("ppm", tool("ffmpeg", "-v", "error", "-i", path, *small, "image2pipe", "-c:v", "ppm", "-"))
        pixels = tool("ffmpeg", "-v", "error", "-i", path, *small, "rawvideo", "-pix_fmt", "rgb24", "-")
        seed("prints", (48).to_bytes(2, "little") + pixels if pixels else b"")

    for path in evenly(kind(".wav")):
        # A print of a sound needs a second at least.
        sound = lambda form: tool(
            "ffmpeg", "-v", "error", "-stream_loop", "9", "-i", path, "-ar", "16000", "-ac", "1", "-t", "1.02", "-f", form, "-"
        )
        seed("sound", sound("f32le"))
        seed("pcm", sound("s16le"))

    for path in kind(".mp4", ".webm"):
        seed("edits", path.read_bytes())
        seed("ffprobe", tool("ffprobe", "-v", "error", "-of", "json=c=1", "-show_entries", ENTRIES, "-i", path))
        for seconds in ("0.1", "0.5"):
            filters = "[0:v]split=2[a][b];[a]scale=24:16,format=bgr24[large];[b]scale=12:8,format=gray[small]"
            maps = ("-map", "[large]", "-map", "[small]", "-map", "0:a?", "-c:a", "pcm_s16le", "-c:v", "rawvideo")
            seed(
                "avi",
                tool("ffmpeg", "-v", "error", "-t", seconds, "-i", path, "-filter_complex", filters, *maps, "-f", "avi", "-"),
            )

    for line in (testdata / "id_documents/mrz_text_vectors.jsonl").read_text().splitlines():
        seed("mrz", "\n".join(json.loads(line)["lines"]).encode())
    for path in files:
        if path.suffix == ".txt" and ("aamva" in path.parts or path.stem == "aamva"):
            seed("aamva", path.read_bytes())
    with (testdata / "names/nomenklatura/cases.csv").open() as rows:
        for row in evenly(list(csv.DictReader(rows))):
            seed("name", row["name1"].encode())
            seed("name", row["name2"].encode())


main()
