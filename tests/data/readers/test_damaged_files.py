"""Files that were damaged in thousands of ways: each is read as it was, or told of in one line.

Whatever is wrong, a reader raises a ValueError that names the file, takes no more memory than the
file has bytes to fill, and warns of nothing.
"""

import io
import random
import struct
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest
from PIL import Image

from rnnzoo.data import read_media, read_recordings
from rnnzoo.data.readers.series import read_npz

RANDOM = np.random.default_rng(0)


def npy(array, header=None):
    """Of an array, as if it had another header: other bytes, or another shape, order or type."""
    file = io.BytesIO()
    fields = np.lib.format.header_data_from_array_1_0(array)
    if isinstance(header, bytes):
        file.write(np.lib.format.magic(1, 0) + struct.pack("<H", len(header)) + header)
    else:
        np.lib.format.write_array_header_1_0(file, fields | (header or {}))
    order = "F" if fields["fortran_order"] else "C"
    return file.getvalue() + array.tobytes(order)


def npz(members, method=zipfile.ZIP_STORED):
    """Of pairs of a name and bytes, of which several may have one name."""
    file = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


# --- what is done to bytes ------------------------------------------------------------------------


def damaged(content, rng):
    """Bytes with one thing done to them, of many kinds."""
    content = bytearray(content)
    at, other = rng.randrange(len(content)), rng.randrange(len(content))
    size = rng.choice((1, 2, 4, 8, 30, 64))
    match rng.randrange(6):
        case 0:
            for _ in range(rng.randint(1, 4)):
                content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        case 1:
            del content[at:]
        case 2:
            del content[at : at + size]
        case 3:
            content[at:at] = rng.randbytes(size)
        case 4:
            content[at : at + size] = rng.choice((b"\0", b"\xff", b"\x7f", b"9")) * size
        case 5:
            a, b = content[at : at + size], content[other : other + size]
            content[at : at + size], content[other : other + size] = b, a
    return bytes(content)


HEADERS = [
    {"shape": shape}
    for shape in (
        (10**18, 7, 3), (10**12,), (2**62, 4), (2**64, 2**64), (-12, -7, 3), (-1,), (0, 7, 3),
        (10**18, 0), (), (1,) * 70, (12, 7), (12, 7, 3, 1), (84, 3), (True, 252),
    )
] + [
    {"descr": descr}
    for descr in (
        "<f4", ">f8", "<f16", "<i8", "<c16", "<M8[s]", "|O", "|O8", "|V8", "|S0", "<U0", "<U2",
        "|b1", "a8", "<x8", "", "<U999999999999", "(7,3)<f8", "<f8,<f8", [("a", "<f8")], 5, None,
        ("<f8", (10**9, 10**9)),
    )
] + [
    {"fortran_order": 2}, {"fortran_order": True}, {"more": 1},
    b"", b"(" * 9000, b"-" * 9000 + b"1", b"{[]: 1}", b"{}", b"\0", b"'\\d'", b"[1", b" " * 20_000,
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (0x" + b"f" * 9000 + b",)}",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (12L, 7L, 3L)}",
]  # fmt: skip


def read_quietly(read, path):
    """What is read, or None if an error tells of the file; nothing else is let through."""
    tracemalloc.start()
    with warnings.catch_warnings(action="error"):
        try:
            result, told = read(path), None
        except ValueError as error:
            result, told = None, str(error)
        finally:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
    assert told is None or (str(path) in told and "\n" not in told and len(told) < 1000), told
    assert peak < 2**24
    return result


# --- arrays ---------------------------------------------------------------------------------------

X = RANDOM.normal(size=(12, 7, 3))
Y = np.array(["up", "down", "über"] * 4)
ARCHIVES = [
    {"x": X, "y": Y, "subject": np.arange(12) % 5},
    {"x": X.reshape(84, 3).astype("f4"), "y": np.arange(12) % 3, "lengths": np.full(12, 7, "i4")},
    {"x": np.asfortranarray(X), "y": np.char.encode(Y, "utf-8"), "subject": Y},
    {"x": RANDOM.integers(0, 255, (4, 2, 4, 4, 3)).astype(np.uint8), "y": np.arange(4, dtype="u1")},
]


def labelled(path):
    """All that is in a file, read."""
    x, y, subjects = read_npz(path)
    assert len(x) == len(y) and (subjects is None or len(subjects) == len(y))
    return [np.array(row) for row in x], y.tolist(), subjects is None or subjects.tolist()


def same(read, expected):
    """Subjects may be gone: where their name is damaged, there is no such array."""
    (x, y, subjects), (as_x, as_y, as_subjects) = read, expected
    return all(map(np.array_equal, x, as_x)) and y == as_y and subjects in (True, as_subjects)


@pytest.mark.parametrize("arrays", ARCHIVES)
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives(tmp_path, arrays, method):
    path, rng = tmp_path / "own.npz", random.Random(0)
    whole = npz([(f"{name}.npy", npy(array)) for name, array in arrays.items()], method)
    path.write_bytes(whole)
    expected, told = labelled(path), 0
    for _ in range(150):
        path.write_bytes(damaged(whole, rng))
        read = read_quietly(labelled, path)
        told += read is None
        if read is not None:  # each member has a sum: none that is damaged is taken for whole
            assert same(read, expected), "damage went unseen"
    assert told > 75


@pytest.mark.parametrize("arrays", ARCHIVES)
def test_members(tmp_path, arrays):
    """The archive is whole, its members are not."""
    path, rng = tmp_path / "own.npz", random.Random(0)
    members = [(f"{name}.npy", npy(array)) for name, array in arrays.items()]
    told = 0
    for number in range(100):
        changed, i = list(members), rng.randrange(len(members))
        (name, content), (other, _) = members[i], rng.choice(members)
        match number % 5:
            case 0 | 1:
                header = HEADERS[number // 5 * 2 + number % 5]
                changed[i] = name, npy(arrays[name.removesuffix(".npy")], header)
            case 2:
                changed[i] = name, damaged(content, rng)
            case 3:
                changed[i] = rng.choice((other, "x", "../x.npy", "x.npy\0y", "\n.npy")), content
            case 4:
                changed.append((other, damaged(content, rng)))
        path.write_bytes(npz(changed))
        read = read_quietly(labelled, path)
        told += read is None
        if read is not None:
            assert all(row.ndim > 1 and row.size and row.dtype.kind in "fu" for row in read[0])
    assert told > 50


def test_archives_that_are_packed_otherwise_or_encrypted(tmp_path):
    path = tmp_path / "own.npz"
    members = [(f"{name}.npy", npy(array)) for name, array in ARCHIVES[0].items()]
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        path.write_bytes(npz(members, method))
        with pytest.raises(ValueError, match=f"own.npz .*: [xy]: it is packed by method {method};"):
            labelled(path)
    content = npz(members)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        parts = content.split(signature)
        parts[1:] = [p[: flags - 4] + b"\x01" + p[flags - 3 :] for p in parts[1:]]
        content = signature.join(parts)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"own.npz .*: [xy]: File .* is encrypted"):
        labelled(path)


@pytest.mark.parametrize("array", [X, X[0], np.asfortranarray(X), X.astype("f4").astype(">f4")])
def test_lone_arrays(tmp_path, array):
    path, rng = tmp_path / "own.npy", random.Random(0)
    for header in HEADERS + [None] * 60:
        content = npy(array, header)
        path.write_bytes(content if header else damaged(content, rng))
        rows = read_quietly(lambda path: list(read_recordings(path)), path)
        assert rows is None or sum(row.nbytes for row in rows) <= 8 * X.size
    path.write_bytes(npy(array))
    np.testing.assert_array_equal(np.squeeze(list(read_recordings(path))), array.astype("f4"))


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
@pytest.mark.parametrize("array", [X[0], RANDOM.integers(0, 255, (5, 4, 3)).astype(np.uint8)])
def test_features_and_pixels(tmp_path, array, suffix):
    path, rng = tmp_path / f"own{suffix}", random.Random(0)
    for header in HEADERS + [None] * 60:
        content = npy(array, header)
        content = content if header else damaged(content, rng)
        path.write_bytes(content if suffix == ".npy" else npz([("arr_0.npy", content)]))
        read = read_quietly(read_media, path)
        assert read is None or read.dtype in (np.float32, np.uint8)


# --- text and pictures ----------------------------------------------------------------------------

CSV = "x,y\n" + "\n".join(",".join(map(str, row)) for row in RANDOM.normal(size=(20, 2)))


def encoded(format):
    file = io.BytesIO()
    pixels = RANDOM.integers(0, 255, (24, 32, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(file, format)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "read"),
    [
        ("own.csv", CSV.encode(), lambda path: list(read_recordings(path))),
        ("own.png", encoded("PNG"), read_media),
        ("own.jpg", encoded("JPEG"), read_media),
    ],
)
def test_text_and_pictures(tmp_path, name, content, read):
    path, rng = tmp_path / name, random.Random(0)
    path.write_bytes(content)
    assert len(read(path))
    for _ in range(100):
        path.write_bytes(damaged(content, rng))
        read_quietly(read, path)
