"""How fast are the readers of text, tagged sentences, pairs and captions?

    python benchmarks/text_readers.py

Makes a file of each layout, and reads it by what plain Python has for it (`open().read()`, lines
split at tabs, `csv.reader`, `json.loads`), and by the reader that a task uses. Seconds are the
processor's, as both use one core and others may be at work; the best of several rounds counts.
Prints ratios and writes benchmarks/results/text_readers.json.
"""

import argparse
import csv
import gzip
import json
import random
import tempfile
import time
from pathlib import Path

import record

from rnnzoo.data import read_pairs, read_tagged, read_texts
from rnnzoo.data.readers.caption_files import read_captions_file


def _csv(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def _tabs(path):
    with path.open() as file:
        return [line.rstrip("\n").split("\t") for line in file]


def _json(path):
    with path.open() as file:
        return [json.loads(line) for line in file]


def _gzip(path):
    with gzip.open(path, "rt") as file:
        return file.read()


def _text(words):
    return " ".join(words) + ".\n"


def _tagged(words):
    return {"tokens": words, "tags": ["NN"] * len(words)}


def _rows(words, row):
    return "".join(row.format(i, word) for i, word in enumerate(words, 1))


# By file: the reader, the plain thing, a first line, and what a sentence's words become in it.
LAYOUTS = {
    "text.txt": (read_texts, Path.read_text, "", _text),
    "text.txt.gz": (read_texts, _gzip, "", _text),
    "tagged.conll": (read_tagged, _tabs, "", lambda words: _rows(words, "{1}\tNN\n") + "\n"),
    "tagged.conllu": (
        read_tagged,
        _tabs,
        "",
        lambda words: _rows(words, "{0}\t{1}\t{1}\tNN\tX\t_\t0\troot\t_\t_\n") + "\n",
    ),
    "tagged.csv": (
        read_tagged,
        _csv,
        "sentence,word,tag\n",
        lambda words: _rows(words, f"{' '.join(words)},{{1}},NN\n"),
    ),
    "tagged.jsonl": (read_tagged, _json, "", lambda words: json.dumps(_tagged(words)) + "\n"),
    "pairs.tsv": (
        read_pairs,
        _tabs,
        "",
        lambda words: f"{' '.join(words)}\t{' '.join(words[::-1])}\n",
    ),
    "pairs.csv": (
        read_pairs,
        _csv,
        "en,fr\n",
        lambda words: f'"{", ".join(words)}","{" ".join(words[::-1])}"\n',
    ),
    "captions.txt": (
        read_captions_file,
        _tabs,
        "",
        lambda words: f"{words[0]}.jpg#0\t{_text(words)}",
    ),
    "captions.csv": (
        read_captions_file,
        _csv,
        "image,caption\n",
        lambda words: f'{words[0]}.jpg,"{", ".join(words)}"\n',
    ),
}


def seconds(read, path: Path) -> float:
    """What it takes to read a file, of one core."""
    begin = time.process_time()
    read(path)
    return time.process_time() - begin


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    chance = random.Random(0)
    vocabulary = [f"word{i}" for i in range(5000)]
    sentences = [
        chance.choices(vocabulary, k=chance.randint(4, 16)) for _ in range(arguments.sentences)
    ]
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (read, plain, header, line) in LAYOUTS.items():
            path = Path(folder) / name
            content = (header + "".join(map(line, sentences))).encode()
            path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
            rounds = [(seconds(read, path), seconds(plain, path)) for _ in range(arguments.rounds)]
            ours, others = map(min, zip(*rounds, strict=True))
            results[name] = {
                "megabytes": round(path.stat().st_size / 1e6, 1),
                "seconds": {"rnnzoo": round(ours, 3), "plain": round(others, 3)},
                "ratio": round(ours / others, 2),
            }
            print(f"{name:14} {ours:6.2f} s   plain {others:6.2f} s   ratio {ours / others:5.2f}")
    record.write(
        "text_readers",
        {
            "what": "files read by plain Python and by the readers of text, tags, pairs, captions",
            "sentences": arguments.sentences,
            "rounds": arguments.rounds,
            "results": results,
        },
        packages=("rnnzoo",),
    )


if __name__ == "__main__":
    main()
