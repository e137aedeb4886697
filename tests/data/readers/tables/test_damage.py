"""Thousands of damaged tables: each is read, or told of in one line; nothing else comes out."""

import gzip
import io
import random
import warnings

import numpy as np
import polars as pl
import pytest

from rnnzoo.data.readers.tables import Options, read_tables, separated
from rnnzoo.errors import RnnzooError

ROWS = [
    (i // 6, f"2024-05-31 10:00:{i:02}", f"{i * 0.37:.2f}", i % 5, "lr"[i % 2], "uv"[i // 6 % 2])
    for i in range(30)
]
NAMES = ("id", "time", "a", "b", "hand", "label")


def table(separator=",", comma=False, names=True):
    rows = [separator.join(map(str, row)) for row in ([NAMES] if names else []) + ROWS]
    text = "\n".join(rows) + "\n"
    return text.replace(".", ",") if comma else text


def binary(write):
    file = io.BytesIO()
    getattr(pl.read_csv(io.StringIO(table())), write)(file)
    return file.getvalue()


TS = "@classLabel true u v\n@data\n" + "".join(
    f"{i},{i + 1},?:{i}.5,1,2:{'uv'[i % 2]}\n" for i in range(12)
)
ARFF = "@relation r\n@attribute a relational\n@attribute t numeric\n@attribute u numeric\n@end a\n"
ARFF += "@attribute c {u,v}\n@data\n"
ARFF += "".join(rf"'{i},2\n3,{i}',{'uv'[i % 2]}" + "\n" for i in range(12))

STEPS = "@relation r\n@attribute id string\n@attribute a numeric\n"
STEPS += "@attribute class {u,v}\n@data\n"
STEPS += "".join(f"r{i // 6},{i}.5,{'uv'[i // 6 % 2]}\n" for i in range(24))
STAMPED = "@timestamps true\n@classLabel true u v\n@data\n" + "".join(
    f"(2024-05-31 10:00:0{i % 9},{i}),(2024-05-31 10:01:0{i % 9},?)"
    f":(2024-05-31 10:00:0{i % 9},1.5):{'uv'[i % 2]}\n"
    for i in range(12)
)
TIMES = [f"{clock}.{half}" for clock in ("23:59:58", "23:59:59", "00:00:00") for half in (0, 5)]
CLOCKS = "night,clock,hr,label\n" + "".join(
    f"{i // 6},{TIMES[i % 6]},{i}.25,{'uv'[i // 6 % 2]}\n" for i in range(30)
)
STEPS_OF = [[f"{np.sin(i / 4 + row):.3f}" for i in range(14)] for row in range(16)]
UCR = "".join("\t".join([str(i % 2), *row]) + "\n" for i, row in enumerate(STEPS_OF))
WIDE = ",".join(["id", "class", *(f"t{i}" for i in range(14))]) + "\n"
WIDE += "".join(",".join([f"r{i}", "uv"[i % 2], *row]) + "\n" for i, row in enumerate(STEPS_OF))

SOURCES = {
    "own.csv": table().encode(),
    "own_comma.csv": table(";", comma=True).encode("cp1252"),
    "own_bare.csv": table("\t", names=False).encode(),
    "own_blanks.txt": "\n".join(f"{i} {i * 0.5}  {i % 3}" for i in range(40)).encode(),
    "own_wide.csv": table("|").encode("utf-16"),
    "own.csv.gz": gzip.compress(table().encode()),
    "own.parquet": binary("write_parquet"),
    "own.arrow": binary("write_ipc"),
    "own.ts": TS.encode(),
    "own.arff": ARFF.encode(),
    "own_steps.arff": STEPS.encode(),
    "own_stamped.ts": STAMPED.encode(),
    "own_clocks.csv": CLOCKS.encode(),
    "Own_TRAIN.tsv": UCR.encode(),
    "own_rows.csv": WIDE.encode(),
}
PIECES = [
    b"23:59:59", b"(", b")", b"),(", b"\\", b"t0,t1",
    b"\0", b"\xff", b'"', b"'", b"\n", b"\r", b"\r\n", b",", b";", b"\t", b" ", b"|", b"nan",
    b"inf", b"-inf", b"1e999", b"NA", b"?", b"#", b"@", b":", b"{", b"id", b"time",
    b"9" * 20, b"1970-01-01", b"24:61:61", b"\xef\xbb\xbf", b"\x1a", b"\xe4", b'""', b"=", b"%",
]  # fmt: skip


def damaged(content, rng):
    """Bytes with one to three things done to them."""
    content = bytearray(content)
    for _ in range(rng.randint(1, 3)):
        at, size = rng.randrange(len(content) + 1), rng.choice((1, 2, 5, 20, 100))
        match rng.randrange(6):
            case 0:
                content[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del content[at:]
            case 2:
                del content[at : at + size]
            case 3:
                content[at:at] = rng.choice(PIECES) * rng.choice((1, 1, 1, 3))
            case 4:
                content[at : at + size] = rng.choice(PIECES)
            case 5:
                other = rng.randrange(len(content) + 1)
                content[at:at] = content[other : other + size]
        if not content:
            break
    return bytes(content)


def options_of(rng):
    if rng.random() < 0.7:
        return Options()
    chosen = {
        "id": rng.choice(["id", "none", 1, "q"]),
        "time": rng.choice(["time", "none", 2, "a", "columns"]),
        "label": rng.choice(["label", "none", "hand", 3]),
        "features": rng.choice([None, "a", "a,b,hand", "2,3", ""]),
        "interval": rng.choice([None, 0.3, 1e-9, 1e9]),
    }
    return Options(**{k: v for k, v in chosen.items() if rng.random() < 0.4})


def try_all(path, name, content, count, seed):
    rng, told, read = random.Random(seed), 0, 0
    for number in range(count):
        bad = damaged(content, rng)
        path.write_bytes(bad)
        try:
            with warnings.catch_warnings(action="error"):
                recordings = read_tables(path, options_of(rng))
        except (RnnzooError, OSError) as error:
            said = str(error)
            assert said and "\n" not in said and len(said) < 1500, (number, said)
            told += 1
            continue
        read += 1
        assert len(recordings) == len(recordings.ids) == len(set(recordings.ids))
        for x in recordings:
            assert x.dtype == np.float32 and x.ndim == 2 and len(x)
            assert x.shape[1] == len(recordings.channels) and not np.isinf(x).any()
    assert told and (read or name.endswith(".gz"))


# One of text, of a binary format and of series; the others are slow.
FAST = {"own_bare.csv", "own.arrow", "own.ts"}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in FAST else pytest.mark.slow) for n in SOURCES]
)
def test_damaged_tables(tmp_path, name):
    try_all(tmp_path / name, name, SOURCES[name], 25, 0)
    assert [path.name for path in tmp_path.iterdir()] == [name]  # nothing was written beside it


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_thousands_of_damaged_tables(tmp_path, name, monkeypatch):
    for seed in range(1, 4):
        try_all(tmp_path / name, name, SOURCES[name], 250, seed)
        monkeypatch.setattr(separated, "_BLOCK", 97)


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_whole_is_read(tmp_path, name):
    (tmp_path / name).write_bytes(SOURCES[name])
    recordings = read_tables(tmp_path / name, Options())
    assert recordings.reading.counts["steps"] == sum(map(len, recordings))
