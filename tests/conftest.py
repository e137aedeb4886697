"""What several test files need: a finished run, cards of weights, a process of TensorFlow alone."""

import contextlib
import gc
import json
import os
import random
import struct
import subprocess
import sys
import zlib

import pytest

# XLA compiles hundreds of small functions here, each of which runs a few times: quickly compiled is
# better than quickly run. It reads this when TensorFlow is imported, and so does what tests start.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

# Tracing makes many objects that stay. To look for garbage after each 700 takes a 20th of the time.
gc.set_threshold(20_000)


@pytest.fixture(scope="module", autouse=True)
def forgotten_gradients():
    """Lets the graphs of a file's tests go.

    TensorFlow keeps the function of each custom gradient that was ever traced in a table of the
    process (seen in 2.21), and with it the whole graph: a quarter of all objects after three files.
    """
    yield
    from tensorflow.python.framework import ops

    table = ops.gradient_registry._registry
    for name in [name for name in table if name.startswith("CustomGradient-")]:
        del table[name]


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """A file of 3,000 characters: 168 steps an epoch of 2 x 8."""
    path = tmp_path_factory.mktemp("corpus") / "text.txt"
    words = random.Random(0).choices(["to", "be", "or", "not", "that", "is", "whether"], k=1000)
    path.write_text(" ".join(words)[:3000])
    return path


@pytest.fixture(scope="session")
def finished(corpus, tmp_path_factory):
    """The folder of a run that the command line made; not to be changed."""
    from rnnzoo import cli

    folder = tmp_path_factory.mktemp("runs") / "finished"
    argv = "train char_rnn --set units=8 --set dropout=0.3 --batch-size 2 --window 8 --epochs 2"
    argv += f" --ema 0.9 --checkpoint-every 10 --data {corpus.name} --out {folder}"
    with contextlib.chdir(corpus.parent):
        assert cli.main(argv.split()) == 0
    return folder


@pytest.fixture
def write_card():
    """A function that writes a card beside a file, with the facts given and made-up others."""
    from rnnzoo.weights import Weights

    def write(path, **facts):
        made_up = dict(
            config={"units": 8},
            parameters=1234,
            metric="bits per character",
            value=2.5,
            dataset="letters",
            split="test",
            seed=0,
            recipe="epochs=1",
            licence="CC0-1.0",
            command="make letters",
            sha256="0" * 64,
        )
        path.parent.mkdir(exist_ok=True)
        Weights(path=path, **(made_up | facts)).write_card()

    return write


# Runs programs one after the other; a line of JSON in, a line of JSON out.
PLAIN_TENSORFLOW = """
import contextlib, io, json, sys, traceback
sys.modules.update({name: None for name in ("keras", "rnnzoo")})  # importing either fails
import tensorflow
for line in sys.stdin:
    program, *sys.argv[1:] = json.loads(line)
    failure, printed = None, io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(program, {"__name__": "__main__"})
    except Exception:
        failure = traceback.format_exc()
    print(json.dumps([failure, printed.getvalue()]), flush=True)
"""


@pytest.fixture(scope="session")
def plain_tensorflow():
    """Runs a program with arguments where neither keras nor rnnzoo is, and returns what it prints.

    All programs run in one process, since importing TensorFlow takes seconds.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", PLAIN_TENSORFLOW],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def run(program, *arguments):
        process.stdin.write(json.dumps([program, *map(str, arguments)]) + "\n")
        process.stdin.flush()
        failure, printed = json.loads(process.stdout.readline())
        assert failure is None, failure
        return printed

    yield run
    process.stdin.close()
    process.wait()


@pytest.fixture
def png():
    """A function that writes a PNG of the kinds that Pillow doesn't: rows are bytes."""

    def write(colour, depth, rows, **chunks):
        def chunk(name, content):
            body = name.encode() + content
            return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

        channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
        width = len(rows[0]) * 8 // (depth * channels)
        header = struct.pack(">2I5B", width, len(rows), depth, colour, 0, 0, 0)
        content = zlib.compress(b"".join(b"\0" + row for row in rows))
        found = {"IHDR": header, **chunks, "IDAT": content, "IEND": b""}
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in found.items())

    return write
