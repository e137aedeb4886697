"""Captions in the layouts that people have, and the pictures that they name."""

import gzip
import json
import os
import random
import unicodedata

import numpy as np
import pytest
from PIL import Image

from rnnzoo import RnnzooError
from rnnzoo.data import load_captions

NAMES = [f"{number}.png" for number in range(10)]
COCO = {
    "images": [{"id": n, "file_name": name} for n, name in enumerate(NAMES)],
    "annotations": [{"image_id": n, "id": n, "caption": f"a {n}"} for n in range(10)],
}
KARPATHY = {
    "images": [
        {"filename": name, "split": split, "sentences": [{"raw": f"a {n}", "tokens": []}]}
        for n, (name, split) in enumerate(
            zip(NAMES, ["train"] * 6 + ["restval", "val", "val", "test"], strict=True)
        )
    ]
}
JSON_LINES = "\n".join(json.dumps({"file_name": f"{n}.png", "text": f"a {n}"}) for n in range(10))


def lines(text, *first):
    return "\n".join([*first, *(text.format(n=n) for n in range(10))]) + "\n"


LAYOUTS = {
    "tabs": ("captions.txt", lines("{n}.png\ta {n}")),
    "Flickr's numbers": ("results.token", lines("{n}.png#0\ta {n}")),
    "tabs under names": ("captions.tsv", lines("{n}.png\ta {n}", "image\tcaption")),
    "pipes": ("captions.txt", lines("{n}.png|a {n}")),
    "pipes and numbers": ("captions.txt", lines("{n}.png| 0| a {n}")),
    "Flickr30k's CSV": (
        "results.csv", lines("{n}.png| 0| a {n}", "image_name| comment_number| comment"),
    ),
    "CSV": ("captions.csv", lines('{n}.png,"a {n}"', "image,caption")),
    "CSV with other names": (
        "c.csv", lines("{n};{n}.png;a {n}", "id;Filename;Description"),
    ),
    "CSV without names": ("captions.csv", lines("{n}.png,a {n}")),
    "metadata.csv": ("metadata.csv", lines("{n}.png,a {n}", "file_name,text")),
    "metadata.jsonl": ("metadata.jsonl", JSON_LINES),
    "COCO": ("captions.json", json.dumps(COCO)),
    "COCO in a folder": ("annotations/captions.json", json.dumps(COCO)),
    "Karpathy": ("dataset.json", json.dumps(KARPATHY)),
    "by picture": ("c.json", json.dumps({name: [f"a {n}"] for n, name in enumerate(NAMES)})),
    "a list": (
        "c.json", json.dumps([{"image": x, "caption": f"a {n}"} for n, x in enumerate(NAMES)]),
    ),
    "without endings": ("captions.tsv", lines("{n}\ta {n}")),
    "paths from here": ("captions.tsv", lines("./images/{n}.png\ta {n}")),
    "paths of elsewhere": ("captions.tsv", lines("/home/me/images/{n}.png\ta {n}")),
    "backslashes": ("captions.tsv", lines(".\\images\\{n}.png\ta {n}")),
    "another case": ("captions.tsv", lines("Images/{n}.PNG\ta {n}")),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """Ten pictures, of as many colours."""
    for number, name in enumerate(NAMES):
        picture(tmp_path / "images" / name, number)
    return tmp_path


def picture(path, colour):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 3), (colour, 0, 0)).save(path)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def by_colour(data):
    """The captions of each picture, known by its pixels."""
    return {
        int(medium[0, 0, 0]): captions
        for part in (data.train, data.validation, data.test)
        for medium, captions in zip(part.media, part.captions, strict=True)
    }


TEN = {n: (f"a {n}",) for n in range(10)}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout(folder, layout):
    name, text = LAYOUTS[layout]
    write(folder / name, text)
    data = load_captions(folder)
    assert by_colour(data) == TEN
    reading = data.reading
    assert reading.counts == {"files of captions": 1, "pictures": 10, "captions": 10}
    assert not reading.left_out and not reading.warnings  # a number makes another caption
    assert [example["caption"] for example in reading.examples] == ["a 0", "a 1", "a 2"]
    if layout == "Karpathy":
        assert [len(part) for part in (data.train, data.validation, data.test)] == [7, 2, 1]
    if layout != "COCO in a folder":
        assert by_colour(load_captions(folder / name)) == TEN


def test_a_text_beside_each_picture(folder):
    for number in range(10):
        write(folder / "images" / f"{number}.txt", f"a {number}\n\nnumber {number}\n")
    found = by_colour(load_captions(folder))
    assert found == {n: (f"a {n}", f"number {n}") for n in range(10)}
    assert by_colour(load_captions(folder / "images")) == found


@pytest.mark.parametrize("where", ["", "Flickr8k_text"])
def test_flickr8k_as_it_comes(folder, where):
    texts = folder / where
    write(texts / "Flickr8k.token.txt", lines("{n}.png#0\ta {n}"))
    write(texts / "Flickr8k.lemma.token.txt", lines("{n}.png#0\tlemma {n}"))
    write(texts / "ExpertAnnotations.txt", lines("{n}.png\t{n}.png#2\t1\t1\t2"))
    write(texts / "readme.txt", "If you use this, please cite us.")
    for split, numbers in (("train", range(6)), ("dev", (6, 7)), ("test", (8,))):
        write(
            texts / f"Flickr_8k.{split}Images.txt", "".join(f"{number}.png\n" for number in numbers)
        )
    data = load_captions(folder)
    assert by_colour(data) == {n: (f"a {n}",) for n in range(9)}
    assert data.validation.names == ("6.png", "7.png") and data.test.names == ("8.png",)
    left_out = "; ".join(data.reading.left_out)
    for file in ("ExpertAnnotations.txt", "Flickr8k.lemma.token.txt", "readme.txt"):
        assert file in left_out
    assert "1 medium, 9.png (in no list of a split)" in left_out


@pytest.mark.parametrize("name", ["metadata.csv", "captions.tsv"])
def test_folders_of_splits(tmp_path, name):
    between = "," if name.endswith("csv") else "\t"
    for split, numbers in (("train", range(8)), ("test", (8, 9))):
        for number in numbers:  # of the same names in both
            picture(tmp_path / split / f"{number % 8}.png", number)
        rows = [f"{number % 8}.png{between}a {number}" for number in numbers]
        write(tmp_path / split / name, "\n".join([f"file_name{between}text", *rows]))
    data = load_captions(tmp_path)
    assert by_colour(data) == TEN
    assert [len(part) for part in (data.train, data.validation, data.test)] == [7, 1, 2]


def test_files_in_several_folders(folder):
    for name in ("old", "new"):
        write(folder / name / "captions.tsv", lines("{n}.png\ta {n}"))
    with pytest.raises(ValueError, match="in several folders: new, old; expected one: move"):
        load_captions(folder)


def test_a_file_of_each_split(folder):
    for split, numbers in (("train", range(7)), ("val", (7, 8, 9))):
        chosen = {**COCO, "annotations": [COCO["annotations"][n] for n in numbers]}
        write(folder / "annotations" / f"captions_{split}2017.json", json.dumps(chosen))
    data = load_captions(folder)
    assert by_colour(data) == TEN and len(data.validation) == 3
    assert data.reading.facts["splits"] == "train 7, validation 3"


def test_what_has_no_caption_or_no_picture_is_counted_and_named(folder):
    write(folder / "c.tsv", lines("{n}.png\ta {n}") + "lost.png\tnothing\n")
    picture(folder / "images" / "deeper" / "more.PNG", 0)
    picture(folder / "another.jpg", 0)
    with pytest.warns(UserWarning, match="1 of the media it names are missing .*lost.png"):
        data = load_captions(folder)
    assert data.reading.left_out == [
        "1 named medium, lost.png (there is no such file or folder)",
        "2 media, the first is another.jpg (no caption)",
    ]
    assert "left out: 1 named medium, lost.png" in str(data.reading)


def test_one_unreadable_picture_is_named(folder):
    write(folder / "c.tsv", lines("{n}.png\ta {n}"))
    (folder / "images" / "3.png").write_bytes(b"no picture")
    with pytest.warns(UserWarning, match="3.png"):
        data = load_captions(folder)
    assert len(by_colour(data)) == 9
    assert "1 named medium, 3.png (cannot identify image file" in data.reading.left_out[0]


@pytest.mark.parametrize("of_names", ["NFC", "NFD"])
def test_another_form_of_unicode(tmp_path, of_names):
    of_captions = {"NFC": "NFD", "NFD": "NFC"}[of_names]
    for number in range(10):
        picture(tmp_path / unicodedata.normalize(of_names, f"é{number}.png"), number)
    write(tmp_path / "c.txt", unicodedata.normalize(of_captions, lines("é{n}.png\ta {n}")))
    assert by_colour(load_captions(tmp_path)) == TEN


def test_two_names_are_not_one_picture(folder):
    """Of train/1.png there is no picture, and images/1.png is another one."""
    write(folder / "c.tsv", lines("images/{n}.png\ta {n}") + "train/1.png\twrong\n")
    with pytest.warns(UserWarning, match="train/1.png"):
        assert by_colour(load_captions(folder)) == TEN


def test_linked_folders_that_go_in_circles(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    os.rename(folder / "images", elsewhere / "images")
    (folder / "linked").symlink_to(elsewhere / "images")
    (elsewhere / "images" / "round").symlink_to(folder)
    write(folder / "c.tsv", lines("{n}.png\ta {n}"))
    assert by_colour(load_captions(folder)) == TEN


def test_packed(folder):
    (folder / "captions.txt.gz").write_bytes(gzip.compress(lines("{n}.png\ta {n}").encode()))
    data = load_captions(folder)
    assert by_colour(data) == TEN and data.reading.facts["packed"] == "gzip"


def test_columns_that_are_named(folder):
    write(folder / "c.csv", lines("{n},{n}.png,a {n},b {n}", "id,where,title,more"))
    with pytest.raises(ValueError, match=r"c.csv, line 1: which of id, where, .*--columns"):
        load_captions(folder)
    assert by_colour(load_captions(folder, columns="where,title")) == TEN
    assert by_colour(load_captions(folder, columns="2,3")) == TEN
    assert by_colour(load_captions(folder, columns=[2, "title"])) == TEN
    with pytest.raises(ValueError, match="columns='a,b': expected two of id, where, title, more"):
        load_captions(folder, columns="a,b")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("c.json", "{", "line 1: no JSON"),
        ("c.json", '{"images": 3}', "'images' has no caption; expected images and annotations"),
        ("c.json", '{"images": [3], "annotations": []}', "images: expected id and file_name"),
        ("c.json", '[{"image": "0.png", "caption": 3}]', "expected a name and captions of it"),
        ("c.json", "[" * 100_000, "line 1: JSON that is too deep"),
        ("c.jsonl", JSON_LINES + "\n3", "line 11: expected a record"),
        ("c.jsonl", JSON_LINES + "\n{]", "line 11: no JSON"),
        ("c.txt", lines("{n}.png|a {n}") + "b", "line 11: 'b' has no '|'"),
        ("c.csv", lines("{n}.png,a {n}") + "1,a,b", "line 11: 3 columns; expected name,"),
        ("c.csv", lines("{n}.png,", "image,caption"), "line 2: the caption is empty"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_told_with_its_line(folder, name, text, words):
    write(folder / name, text)
    with pytest.raises(ValueError, match=words):
        load_captions(folder)


@pytest.mark.filterwarnings("ignore:.*media it names:UserWarning")
@pytest.mark.parametrize("layout", ["tabs", "pipes", "CSV", "metadata.jsonl", "COCO", "Karpathy"])
def test_damaged_files_of_captions(folder, layout):
    """Whatever is done to a file, it is read, or told of as a user's mistake."""
    name, text = LAYOUTS[layout]
    rng, told = random.Random(0), 0
    for _ in range(60):
        content = bytearray(text.encode())
        at = rng.randrange(len(content))
        match rng.randrange(4):
            case 0:
                content[at] = rng.randrange(256)
            case 1:
                del content[at:]
            case 2:
                del content[at : at + rng.randrange(1, 9)]
            case 3:
                content[at:at] = rng.choice((b'"', b"\0", b"\n", b"[", b"{", b"\t", b"|", b"\xff"))
        (folder / name).write_bytes(content)
        try:
            load_captions(folder)
        except (RnnzooError, OSError) as error:
            assert "\n" not in str(error)
            told += 1
    assert told


def test_a_table_of_numbers_is_none_of_captions(folder):
    write(folder / "c.csv", lines("{n},{n}", "x,y"))
    with pytest.raises(
        ValueError, match="c.csv, line 1: which of x, y are the picture and its caption"
    ):
        load_captions(folder)


def test_the_same_caption_everywhere_is_odd(folder):
    write(folder / "c.tsv", lines("{n}.png\ta dog"))
    assert load_captions(folder).reading.warnings == ["all have the same caption, 'a dog'"]


def test_pictures_of_every_ending(tmp_path):
    endings = ["JPG", "jpeg", "PNG", "bmp", "tif", "webp", "gif", "ppm", "jfif", "TIFF"]
    for number, ending in enumerate(endings):
        path = tmp_path / f"{number}.{ending}"
        format = {"jfif": "JPEG"}.get(ending)
        Image.fromarray(np.full((8, 8, 3), 20 * number, np.uint8)).save(path, format)
    write(tmp_path / "c.tsv", "\n".join(f"{n}.{end}\ta {n}" for n, end in enumerate(endings)))
    assert load_captions(tmp_path).reading.counts["pictures"] == 10
