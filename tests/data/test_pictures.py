"""Labelled pictures: named sets, folders, tables and masks."""

import json

import numpy as np
import pytest
from PIL import Image

import rnnzoo
from rnnzoo import cli
from rnnzoo.data import describe, load_captions, load_pictures, load_tagged, task_of

RANDOM = np.random.default_rng(0)


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, np.uint8)).save(path)


def folder_of(folder, count=8, size=(6, 5), colour=False, splits=("",)):
    """A folder of two classes, of pictures that differ."""
    for split in splits:
        for label in ("cat", "dog"):
            for i in range(count):
                shape = (size[0] + i % 2, size[1], *([3] if colour else []))
                save(folder / split / label / f"{i}.png", RANDOM.integers(0, 255, shape))
    return folder


def sizes_of(data):
    return [len(part) for part in (data.train, data.validation, data.test)]


def test_a_folder_of_folders(tmp_path):
    data = load_pictures(folder_of(tmp_path))
    assert data.classes == ("cat", "dog") and not data.per_pixel
    assert sizes_of(data) == [12, 2, 2]
    assert {x.shape for x in data.train.x} == {(6, 5, 1), (7, 5, 1)}
    for part in (data.validation, data.test):
        assert sorted(part.labels.tolist()) == [0, 1]
    assert load_pictures(tmp_path).metadata == data.metadata
    assert load_pictures(tmp_path, split_seed=1).metadata != data.metadata
    reading = data.reading
    assert reading.counts == {"pictures": 16, "classes": 2}
    assert reading.facts["size"] == "6 to 7 x 5 to 5, padded and masked"
    assert sizes_of(load_pictures(tmp_path, validation=0, test=0)) == [16, 0, 0]


def test_folders_of_splits_and_colour(tmp_path):
    folder = folder_of(tmp_path, 3, colour=True, splits=("train", "val", "test"))
    data = load_pictures(folder)
    assert sizes_of(data) == [6, 6, 6] and data.train.x[0].shape == (6, 5, 3)
    assert data.classes == ("cat", "dog")


def test_a_guessed_encoding_of_a_table_is_said(tmp_path):
    lines = ["file,label"]
    for i in range(10):
        save(tmp_path / f"{i}.png", np.full((4, 4), i))
        lines.append(f"{i}.png,{['schöne Äpfel', 'grüne Früchte'][i % 2]}")
    (tmp_path / "labels.csv").write_bytes("\n".join(lines).encode("cp1252"))
    facts = load_pictures(tmp_path).reading.facts
    assert facts["encoding"] == "cp1252, a guess (--encoding settles it)"


def test_large_ones_are_made_smaller(tmp_path):
    data = load_pictures(folder_of(tmp_path, 4, size=(40, 20)), side=10)
    assert {x.shape for x in data.train.x} == {(10, 5, 1)}
    assert data.reading.facts["made smaller"].startswith("8 with a side of more than 10 pixels")
    with pytest.raises(ValueError, match="side=0: expected a positive number"):
        load_pictures(tmp_path, side=0)


def test_a_table(tmp_path):
    lines = ["file,label,split"]
    for i in range(9):
        save(tmp_path / "pictures" / f"{i}.png", np.full((4, 4), i))
        lines.append(f"{i}.png,{'ab'[i % 2]},{['train', 'dev', 'test'][i // 3]}")
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    data = load_pictures(tmp_path)
    assert sizes_of(data) == [3, 3, 3] and data.classes == ("a", "b")
    assert [int(x[0, 0, 0]) for x in data.test.x] == [6, 7, 8]
    assert load_pictures(tmp_path / "labels.csv").metadata == {
        **data.metadata,
        "source": "labels.csv",
    }
    assert task_of(tmp_path).task == task_of(tmp_path / "labels.csv").task == data_task()
    (tmp_path / "labels.csv").write_text("\n".join(lines).replace("label,", "kind,"))
    with pytest.raises(ValueError, match="looks like captioning .*; of a table, --label COLUMN"):
        load_pictures(tmp_path / "labels.csv")
    with pytest.raises(ValueError, match="line 1: which of file, kind, split are .*--label"):
        load_pictures(tmp_path / "labels.csv", label="class")
    assert load_pictures(tmp_path / "labels.csv", label="kind").classes == ("a", "b")
    (tmp_path / "labels.csv").write_text("\n".join([*lines, "x.png"]))
    with pytest.raises(ValueError, match=r"labels.csv, line 11: .*a value of each of file, label"):
        load_pictures(tmp_path)


def data_task():
    return rnnzoo.model_info("digits_cnn").task


def test_masks(tmp_path):
    for i in range(10):
        pixels = RANDOM.integers(0, 255, (6, 4 + i % 2, 3))
        save(tmp_path / "images" / f"{i}.png", pixels)
        save(tmp_path / "masks" / f"{i}.png", (pixels[..., 0] > 127) * 255)
    save(tmp_path / "images" / "alone.png", pixels)
    data = load_pictures(tmp_path, validation=0.2, test=0.2)
    assert data.per_pixel and data.classes == (0, 255) and sizes_of(data) == [6, 2, 2]
    for x, labels in zip(data.train.x, data.train.labels, strict=True):
        np.testing.assert_array_equal(labels, x[..., 0] > 127)
    assert data.reading.left_out == ["1 pictures without a mask, the first is alone.png"]
    assert task_of(tmp_path).task == data_task()
    small = load_pictures(tmp_path, side=3)
    assert {x.shape[:2] for x in small.train.x} == {y.shape for y in small.train.labels}
    assert {x.shape[0] for x in small.train.x} == {3}
    save(tmp_path / "masks" / "3.png", np.zeros((2, 2)))
    with pytest.warns(UserWarning, match=r"1 of its pictures .* its mask 3.png is \(2, 2\), and"):
        assert len(load_pictures(tmp_path).reading.left_out) == 2


def test_unreadable_ones_are_left_out_and_told(tmp_path):
    folder_of(tmp_path)
    (tmp_path / "cat" / "9.png").write_bytes(b"no picture")
    with pytest.warns(UserWarning, match="1 of its pictures are missing or can't be read: cat/9"):
        data = load_pictures(tmp_path)
    assert sum(sizes_of(data)) == 16


def test_what_is_no_labelled_pictures_is_told(tmp_path):
    save(tmp_path / "flat" / "a.png", np.zeros((3, 3)))
    with pytest.raises(ValueError, match="looks like captioning .*a folder of pictures for each"):
        load_pictures(tmp_path / "flat")
    with pytest.raises(ValueError, match="holds no folders of pictures, which are classes; exp"):
        load_pictures(tmp_path / "flat", label="kind")
    folder_of(tmp_path / "one" / "x", 3)
    with pytest.raises(ValueError, match="holds the class x only; expected two at least"):
        load_pictures(tmp_path / "one", label="kind")
    with pytest.raises(FileNotFoundError, match="neither a folder of pictures, nor a table of the"):
        load_pictures(tmp_path / "nothing")
    with pytest.raises(ValueError, match="digits is a data set, which has its labels and splits"):
        load_pictures("digits", split_seed=1)


@pytest.mark.parametrize(
    ("load", "options"),
    [
        (load_pictures, {}),
        (load_pictures, {"label": "cat"}),
        (load_captions, {}),
        (load_captions, {"columns": "a,b"}),
        (load_tagged, {}),
        (task_of, {}),
    ],
)
def test_a_single_picture_is_told_with_what_data_of_them_is(tmp_path, load, options):
    save(tmp_path / "my.png", np.zeros((3, 3)))
    with pytest.raises(ValueError, match="my.png is a single picture or video; captions need a "):
        load(tmp_path / "my.png", **options)


def test_a_folder_is_told_and_described(tmp_path, capsys):
    folder = folder_of(tmp_path / "pets")
    guess = task_of(folder)
    assert guess.task == data_task() and guess.why.startswith("pictures in a folder for each")
    assert describe(folder).counts == {"pictures": 16, "classes": 2}
    assert cli.main(["data", str(folder), "--side", "6", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["facts"]["made smaller"].startswith("8 with")
    assert found["command"] == f"rnnzoo train digits_rnn2d --data {folder} --side 6"


@pytest.mark.parametrize("layout", ["classes", "masks", "only to train on"])
def test_equal_pictures_are_in_one_split(tmp_path, layout):
    for i in range(40):
        pixels = np.full((4, 4), i // 4 * 20)
        for copy in "ab":
            if layout == "masks":
                save(tmp_path / "images" / f"{i}{copy}.png", pixels)
                save(tmp_path / "masks" / f"{i}{copy}.png", np.eye(4))
            else:
                within = tmp_path / "train" if layout != "classes" else tmp_path
                save(within / f"class{i % 4}" / f"{i}{copy}.png", pixels + i % 4)
    data = load_pictures(tmp_path)
    parts = [{x.tobytes() for x in part.x} for part in (data.train, data.validation, data.test)]
    assert sum(sizes_of(data)) == 80 and len(parts[0]) and len(parts[1])
    assert len(set.union(*parts)) == sum(map(len, parts))
    if layout == "classes":
        assert all({*part.labels.tolist()} == {0, 1, 2, 3} for part in (data.validation, data.test))


@pytest.mark.parametrize("alpha", [False, True])
def test_masks_in_colour_are_refused_and_grey_ones_of_three_channels_are_not(tmp_path, alpha):
    grey = (RANDOM.integers(0, 2, (4, 4)) * 255)[..., None].repeat(3, axis=2)
    for i in range(8):
        save(tmp_path / "images" / f"{i}.png", RANDOM.integers(0, 255, (4, 4, 3)))
        save(tmp_path / "masks" / f"{i}.png", grey)
    assert load_pictures(tmp_path).classes == (0, 255)
    if alpha:
        odd = np.concatenate([grey, np.eye(4)[..., None] * 255], axis=2)
    else:
        odd = np.where(grey > 0, [255, 0, 0], [0, 129, 0])  # as bright as each other
    save(tmp_path / "masks" / "5.png", odd)
    with pytest.raises(ValueError, match=r"5.png: a mask with colours, .* write all masks as grey"):
        load_pictures(tmp_path)


def test_a_table_of_something_else_does_not_hide_folders(tmp_path):
    folder_of(tmp_path)
    (tmp_path / "prices.csv").write_text("day,price\n1,2\n")
    data = load_pictures(tmp_path)
    assert data.classes == ("cat", "dog") and sum(sizes_of(data)) == 16
    assert data.reading.left_out == ["the table prices.csv"]
    with pytest.raises(ValueError, match=r"prices.csv, line 1: which of day, price are the file"):
        load_pictures(tmp_path, label="kind")
    table = [f"cat/{i}.png,{'ab'[i % 2]}" for i in range(8)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *table]))
    assert load_pictures(tmp_path).classes == ("a", "b")
