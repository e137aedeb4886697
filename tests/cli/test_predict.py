"""`rnnzoo predict`."""

import csv
import gzip
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cli
from rnnzoo.cli.answers import AnswerTable, Skipped, files_in, mark_of, write_answers
from rnnzoo.data import read_recordings


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    """A tagger of characters, trained a little."""
    model = rnnzoo.create_model("tagger_birnn", units=4, embedding_size=4)
    model.fit(["a1\n", "11a\n"] * 8, ["ldw", "ddlw"] * 8, verbose=0)
    path = tmp_path_factory.mktemp("tagger") / "tagger.keras"
    model.save(path)
    return str(path)


@pytest.mark.slow
@pytest.mark.filterwarnings("always:What is to be tagged")
def test_predict_tags_the_characters_of_a_file(tagger, tmp_path, capsys, monkeypatch):
    file = tmp_path / "text.txt"
    file.write_text("a11a\né")
    assert cli.main(["predict", tagger, str(file)]) == 0
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1 and "read as the unknown character: 'é'" in captured.err
    lines = [line.split("\t") for line in captured.out.splitlines()]
    assert "".join(json.loads(run) for _, run in lines) == "a11a\né"
    assert {tag for tag, _ in lines} <= {"l", "d", "w"}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("a11a\né".encode())))
    assert cli.main(["predict", tagger, "-"]) == 0
    assert [line.split("\t") for line in capsys.readouterr().out.splitlines()] == lines
    # On a terminal: the text itself, in colours, and what they mean.
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert cli.main(["predict", tagger, str(file)]) == 0
    painted = capsys.readouterr().out
    plain = re.sub(r"\x1b\[[\d;]*m", "", painted)
    assert plain == "a11a\né\n\nd  l  w\n" and painted != plain


@pytest.mark.slow
def test_predict_answers_to_each_file_of_a_folder(tagger, tmp_path, capsys):
    for name in ("b10.txt", "b9.txt"):
        (tmp_path / name).write_text("a1\n")
    assert cli.main(["predict", tagger, str(tmp_path / "b9.txt")]) == 0
    of_one = capsys.readouterr().out
    assert cli.main(["predict", tagger, str(tmp_path)]) == 0
    assert capsys.readouterr().out == 2 * of_one


def test_a_sentence_too_long_for_a_path_is_no_folder():
    assert list(files_in("a dog " * 1000)) == ["a dog " * 1000]


@pytest.mark.slow
@pytest.mark.filterwarnings("always:.* is taken for")
def test_predict_reads_the_words_of_a_treebank(tmp_path, capsys):
    sentences, tags = [["a", "dog"], ["two", "dogs"]], [["D", "N"], ["D", "N"]]
    model = rnnzoo.create_model("tagger_rnn", units=4, embedding_size=4, spelling_units=0)
    model.fit(sentences, tags, verbose=0)
    model.save(tmp_path / "words.keras")
    line = "{}\t{}" + 8 * "\t_" + "\n"
    bank = "# text = two dogs\n" + line.format(1, "two") + line.format(2, "dogs") + "\n"
    # By what is in it, whatever its name, its encoding and how it is packed.
    (tmp_path / "bank.conllu").write_text(bank)
    (tmp_path / "bank.txt").write_bytes(gzip.compress(bank.encode("utf-16")))
    (tmp_path / "plain.txt").write_bytes("two dogs\r\n".encode("utf-16-le"))
    for name in ("bank.conllu", "bank.txt", "plain.txt"):
        assert cli.main(["predict", str(tmp_path / "words.keras"), str(tmp_path / name)]) == 0
        captured = capsys.readouterr()
        lines = captured.out.splitlines()
        assert [word.split("\t")[0] for word in lines] == ["two", "dogs", ""]
        said = (
            f"rnnzoo: warning: {tmp_path / name} is taken for CoNLL-U: the words alone are read\n"
        )
        assert captured.err == ("" if name == "plain.txt" else said)
    # A table by its columns, and to a table.
    (tmp_path / "own.csv").write_text("n,Wort\n1,two\n2,dogs\n")
    command = ["predict", str(tmp_path / "words.keras"), str(tmp_path / "own.csv")]
    assert cli.main([*command, "--columns", "Wort", "--out", str(tmp_path / "out.csv")]) == 0
    assert ",1,two dogs," in (tmp_path / "out.csv").read_text()
    capsys.readouterr()
    assert cli.main([*command, "--time", "n"]) == 2
    assert "expected some of --columns --encoding" in capsys.readouterr().err


def test_predict_classifies_recordings(tmp_path, capsys):
    x = np.random.default_rng(0).normal(size=(6, 5, 2))
    model = rnnzoo.create_model("activity_rnn", units=4)
    model.adapt(x, ["up", "down"] * 3)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "several.npy", x)
    np.savetxt(tmp_path / "one.csv", x[3], delimiter=",", header="a,b", comments="")
    np.savez(tmp_path / "both.npz", x=x[:2].reshape(10, 2), lengths=[3, 7])
    for name, count in (("several.npy", 6), ("one.csv", 1), ("both.npz", 2)):
        path = str(tmp_path / name)
        assert cli.main(["predict", str(tmp_path / "model.keras"), path]) == 0
        lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
        assert [line[:2] for line in lines] == [[path, str(i)] for i in range(count)]
        assert all(label in ("up", "down") and float(p) >= 0.5 for _, _, label, p in lines)
        if name == "several.npy":
            assert [label for _, _, label, _ in lines] == model.classify(x)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("nowhere.csv", None, "nowhere.csv: there is no such file"),
        ("x.wav", b"1", "got one of (1, 1)"),
        ("x.csv", b"1,2,3\n", "got one of (1, 3)"),
        ("x.csv", b"1,2\n3,y\n", "x.csv, line 2: could not convert"),
    ],
)
def test_predict_says_what_is_wrong_with_a_file(name, content, message, tmp_path, assert_one_line):
    model = rnnzoo.create_model("activity_rnn", units=2, classes=["a", "b"], features=(2,))
    model.save(tmp_path / "model.keras")
    if content:
        (tmp_path / name).write_bytes(content)
    assert cli.main(["predict", str(tmp_path / "model.keras"), str(tmp_path / name)]) == 2
    assert_one_line(message)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """A classifier of recordings of two channels, and a folder of 40 recordings in three files."""
    folder = tmp_path_factory.mktemp("classifier")
    x = np.random.default_rng(0).normal(size=(40, 5, 2)).astype("float32")
    model = rnnzoo.create_model("activity_rnn", units=4)
    model.fit(x, ["up", "down"] * 20, verbose=0)
    model.save(folder / "model.keras")
    (folder / "files" / "deeper").mkdir(parents=True)
    np.save(folder / "files" / "part10.npy", x[38:])
    np.save(folder / "files" / "part2.npy", x[:37])
    np.savetxt(folder / "files" / "deeper" / "one.csv", x[37], delimiter=",")
    (folder / "files" / "notes.csv").write_text("no numbers\nat all\n")
    return model, x, folder


def test_predict_reads_a_folder_of_recordings_as_one(classifier, tmp_path, capsys):
    _, x, folder = classifier
    for i in range(2):
        np.savetxt(tmp_path / f"r{i}.csv", x[i], delimiter=",")
    assert cli.main(["predict", str(folder / "model.keras"), str(tmp_path)]) == 0
    found = [line.split("\t")[:2] for line in capsys.readouterr().out.splitlines()]
    assert found == [[str(tmp_path), "r0.csv"], [str(tmp_path), "r1.csv"]]


def test_predict_writes_a_table_that_goes_on(classifier, tmp_path, capsys):
    model, x, folder = classifier
    out = tmp_path / "answers.csv"
    command = ["predict", str(folder / "model.keras"), str(folder / "files"), "--out", str(out)]
    assert cli.main(command) == 0
    captured = capsys.readouterr()
    assert captured.err.startswith("rnnzoo: skipped") and "/notes.csv: " in captured.err
    assert captured.out == f"{out}: 40 rows, 40 of them new, 1 of 4 files skipped\n"
    whole = out.read_bytes()
    rows = [line.split(",") for line in whole.decode().splitlines()]
    assert rows[0] == ["file", "id", "class", "p(down)", "p(up)"]
    files = [str(folder / "files" / name) for name in ("part2.npy", "part10.npy")]
    assert [row[0] for row in rows[1:40]] == [files[0]] * 37 + [files[1]] * 2
    order = [*range(37), 38, 39, 37]
    assert [row[2] for row in rows[1:]] == model.classify(x[order])
    written = np.array([row[3:] for row in rows[1:]], float)
    np.testing.assert_allclose(written, model.probabilities(x[order]), atol=1e-6)

    # Broken off within a row: the same command makes it whole.
    out.write_bytes(whole[: len(whole) // 2])
    assert cli.main(command) == 0
    said = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"{out} goes on behind 1\d rows", said[0])
    again = [line.split(",") for line in out.read_text().splitlines()]
    assert [row[:3] for row in again] == [row[:3] for row in rows]
    # Other recordings were read beside each one, which may change the last digit.
    np.testing.assert_allclose(np.array([row[3:] for row in again[1:]], float), written, atol=2e-6)

    # Another model, or a file of something else.
    model.set_weights([weight + 1 for weight in model.get_weights()])
    model.save(tmp_path / "other.keras")
    assert cli.main(["predict", str(tmp_path / "other.keras"), *command[2:]]) == 2
    assert "something else than answers of this model" in capsys.readouterr().err
    (tmp_path / "own.csv").write_text("a,b\n")
    assert cli.main([*command[:-1], str(tmp_path / "own.csv")]) == 2
    assert (tmp_path / "own.csv").read_text() == "a,b\n"


def test_predict_fails_where_nothing_could_be_read(classifier, tmp_path, capsys):
    _, _, folder = classifier
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.wav").write_bytes(b"1")
    out = str(tmp_path / "answers.csv")
    command = ["predict", str(folder / "model.keras"), str(tmp_path / "in"), "--out", out]
    assert cli.main(command) == 2
    assert "none of 1 files could be read" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]  # nothing half written
    command[-1] = str(tmp_path / "nowhere" / "answers.csv")
    assert cli.main(command) == 2
    assert "nowhere: there is no such folder to write to" in capsys.readouterr().err


def test_predict_goes_on_where_one_of_several_files_is_unreadable(classifier, tmp_path, capsys):
    _, _, folder = classifier
    files = [str(folder / "files" / name) for name in ("part2.npy", "notes.csv", "part10.npy")]
    command = ["predict", str(folder / "model.keras"), *files]
    for extra in ([], ["--out", str(tmp_path / "out.csv")]):
        assert cli.main([*command, *extra]) == 1
        captured = capsys.readouterr()
        first, last = captured.err.splitlines()
        assert first.startswith(f"rnnzoo: skipped {files[1]}: ")
        assert last == "rnnzoo predict: 1 of 3 files could not be read"
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 40
    assert cli.main([*command[:2], files[1], files[1]]) == 2
    assert "none of 2 files could be read" in capsys.readouterr().err
    assert cli.main([*command[:2], files[0], files[2]]) == 0
    assert capsys.readouterr().err == ""


IDS = ["a b", "a  b", ' "q', "two\nlines", "a,b", "é", "\u2028", "tab\tr\r"]


def test_ids_are_written_and_found_again_as_they_are(tmp_path):
    table = AnswerTable(tmp_path / "out.csv", ["class"], "sum")
    table.add("in put.csv", [[name, "x\ny"] for name in IDS])
    whole = (tmp_path / "out.csv").read_bytes()
    for end in range(len("file,id,class\n"), len(whole) + 1):
        (tmp_path / "out.csv").write_bytes(whole[:end])
        again = AnswerTable(tmp_path / "out.csv", ["class"], "sum")
        there = set(again.answered.get("in put.csv", ()))
        assert there == set(IDS[: len(there)])
        left = [name for name in IDS if name not in there]
        if left:
            again.add("in put.csv", [[name, "x\ny"] for name in left])
        assert (tmp_path / "out.csv").read_bytes() == whole
    with (tmp_path / "out.csv").open(newline="") as file:
        assert [row[1] for row in csv.reader(file)] == ["id", *IDS]
    # What is none of ours is left as it is, to the last byte.
    (tmp_path / "own.csv").write_text("a,b\n1")
    with pytest.raises(ValueError, match="something else than answers of this model"):
        AnswerTable(tmp_path / "own.csv", ["class"], "sum")
    assert (tmp_path / "own.csv").read_text() == "a,b\n1"


class Walks:
    """What stands for a model: three answers to each file, and an error of its own to one."""

    answer_columns = ("class",)

    def __init__(self, before=lambda file: None):
        self.before = before  # each file's answers

    def get_config(self):
        return {}

    def get_weights(self):
        return []

    def answer_rows(self, file, answered):
        self.before(file)
        yield [[str(i), "walk"] for i in range(3) if str(i) not in answered]


def test_a_full_disk_ends_the_answers_and_blames_no_file(tmp_path, capsys):
    resource = pytest.importorskip("resource")
    files, out = [str(tmp_path / f"f{i}.csv") for i in range(4)], tmp_path / "out.csv"
    for file in files:
        (tmp_path / file).write_text("x")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(file):
        if file == files[1]:  # room for a row, and the half of one
            room = out.stat().st_size + len(f"{file},0,walk\n") * 3 // 2
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))

    skipped = Skipped()
    try:
        with pytest.raises(OSError, match="File too large; mended, the same .*out.csv"):
            list(write_answers(Walks(fill), files, out, {}, skipped))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    rows = [f"{file},{i},walk" for file in files for i in range(3)]
    assert out.read_text().splitlines() == ["file,id,class", *rows[:3]]
    assert skipped.files == [] and capsys.readouterr().err == ""
    said = list(write_answers(Walks(), files, out, {}, skipped))
    assert said[-1] == f"{out}: 12 rows, 9 of them new"
    assert out.read_text().splitlines() == ["file,id,class", *rows]


def test_what_the_system_writes_by_parts_is_whole(tmp_path, monkeypatch):
    table = AnswerTable(tmp_path / "out.csv", ["class"], "sum")
    table.begin()
    real = Path.open

    class ByParts(io.FileIO):
        def write(self, content):
            return super().write(bytes(content[:5]))

    def opened(path, mode="r", *more, **options):
        return ByParts(path, mode) if mode == "ab" else real(path, mode, *more, **options)

    monkeypatch.setattr(Path, "open", opened)
    table.add("in.csv", [["1", "walk"], ["2", "sit"]])
    assert table.path.read_text() == "file,id,class\nin.csv,1,walk\nin.csv,2,sit\n"


def test_answers_of_another_reading_or_window_are_told_apart(classifier, tmp_path):
    model, _, _ = classifier
    model.save(tmp_path / "model.keras")
    mark = mark_of(model, {})
    assert mark == mark_of(rnnzoo.load_model(tmp_path / "model.keras"), {})
    assert mark != mark_of(model, {"id": "walk"})
    known = model.preprocessor
    try:
        model.preprocessor = known.with_windows(2, 1)
        assert mark != mark_of(model, {})
    finally:
        model.preprocessor = known


@pytest.mark.slow
def test_predict_reads_groups_and_encoding_as_training_did(tmp_path, capsys):
    import polars

    steps = np.arange(80)
    rows = {
        "who": [("é", "ö")[i // 40] for i in steps],
        "walk": [f"w  {i // 5 % 8}" for i in steps],
        "a": np.sin(steps),
        "sort": steps // 5 % 2,
    }
    frame = polars.DataFrame(rows)
    (tmp_path / "own.csv").write_bytes(frame.write_csv().encode("cp437"))
    columns = {"id": "walk", "group": "who", "label": "sort"}
    model = rnnzoo.create_model("activity_rnn", units=2)
    model.fit(read_recordings(tmp_path / "own.csv", encoding="cp437", **columns), verbose=0)
    model.save(tmp_path / "model.keras")
    out = tmp_path / "out.csv"
    command = ["predict", str(tmp_path / "model.keras"), str(tmp_path / "own.csv")]
    for count in (16, 0):
        assert cli.main([*command, "--out", str(out)]) == 0
        captured = capsys.readouterr()
        assert captured.err == "" and captured.out.endswith(f"16 rows, {count} of them new\n")
    with out.open(newline="") as file:
        header, *written = csv.reader(file)
    assert header == ["file", "id", "group", "class", "p(0)", "p(1)"]
    expected = [[f"w  {i}", who] for who in "éö" for i in range(8)]
    assert [row[1:3] for row in written] == expected
    answers = np.array([row[4:] for row in written], float)
    x = frame["a"].to_numpy().reshape(16, 5, 1)
    np.testing.assert_allclose(answers, model.probabilities(x), atol=1e-6)
    # Told otherwise: another table, with the same columns in UTF-8.
    (tmp_path / "own.csv").write_text(frame.write_csv())
    assert cli.main([*command, "--encoding", "utf-8", "--id", "none"]) == 0
    assert [line.split("\t")[1] for line in capsys.readouterr().out.splitlines()] == ["é", "ö"]


def table_of(model, tmp_path):
    """The rows that `rnnzoo predict --out` writes of two sentences and an empty line."""
    model.save(tmp_path / "model.keras")
    (tmp_path / "in.txt").write_text("a dog\n\ntwo dogs\n")
    command = ["predict", str(tmp_path / "model.keras"), str(tmp_path / "in.txt")]
    assert cli.main([*command, "--out", str(tmp_path / "out.csv")]) == 0
    header, *rows = (tmp_path / "out.csv").read_text().splitlines()
    file = str(tmp_path / "in.txt")
    return header, [row.removeprefix(f"{file},") for row in rows]


def test_predict_writes_a_table_of_tags(tmp_path):
    model = rnnzoo.create_model("tagger_rnn", units=4, embedding_size=4, spelling_units=0)
    sentences = [["a", "dog"], ["two", "dogs"]]
    model.adapt(sentences, [["D", "N"], ["D", "N"]])
    first, second = (" ".join(tags) for tags in model.tag(sentences))
    header, rows = table_of(model, tmp_path)
    assert header == "file,id,words,tags"
    assert rows == [f"1,a dog,{first}", f"2,two dogs,{second}"]


@pytest.mark.slow
def test_predict_writes_a_table_of_translations(tmp_path):
    model = rnnzoo.create_model("translate_lstm", units=4, embedding_size=4)
    model.fit(["a dog", "two dogs"], ["ein Hund", "zwei Hunde"], verbose=0)
    first, second = model.translate(["a dog", "two dogs"])
    header, rows = table_of(model, tmp_path)
    assert header == "file,id,source,translation"
    assert rows == [f"1,a dog,{first}".rstrip(), f"3,two dogs,{second}".rstrip()]


@pytest.mark.slow
def test_predict_writes_a_table_of_captions(tmp_path):
    from PIL import Image

    (tmp_path / "in").mkdir()
    pictures = np.random.default_rng(0).integers(0, 255, size=(2, 16, 16, 3)).astype("uint8")
    for name, picture in zip(("a2", "a10"), pictures, strict=True):
        Image.fromarray(picture).save(tmp_path / "in" / f"{name}.png")
    (tmp_path / "in" / "broken.png").write_bytes(b"1")
    model = rnnzoo.create_model("caption_lstm", units=4, embedding_size=4)
    model.fit(pictures, ["a dog", "a cat"], verbose=0)
    model.save(tmp_path / "model.keras")
    command = ["predict", str(tmp_path / "model.keras"), str(tmp_path / "in")]
    assert cli.main([*command, "--out", str(tmp_path / "out.csv")]) == 0
    header, *rows = (tmp_path / "out.csv").read_text().splitlines()
    assert header == "file,id,log probability,caption"
    assert [row.split(",")[0][-7:] for row in rows] == ["/a2.png", "a10.png"]


def test_a_beam_of_another_width(tmp_path, capsys):
    model = rnnzoo.create_model("tagger_feedback_lstm", units=4, embedding_size=4)
    model.adapt(["ab", "ba"] * 4, ["XY", "YX"] * 4)
    model.save(tmp_path / "tagger.keras")
    (tmp_path / "a.txt").write_text("abbaab")
    widths = []
    kept = type(model).tag

    def tag(self, *given, beam_width=1):
        widths.append(beam_width)
        return kept(self, *given, beam_width=beam_width)

    argv = ["predict", str(tmp_path / "tagger.keras"), str(tmp_path / "a.txt")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(model), "tag", tag)
        assert cli.main([*argv, "--beam-width", "3"]) == cli.main(argv) == 0
    assert widths == [3, 1]
    capsys.readouterr()
    argv = ["predict", "activity_lstm", str(tmp_path / "a.txt"), "--beam-width", "3"]
    assert cli.main(argv) == 2
    said = capsys.readouterr().err
    assert "--beam-width: activity_lstm holds a SequenceClassifier, which takes none; " in said


@pytest.mark.slow
def test_as_many_captions_and_other_translations_by_the_beam(tmp_path, capsys):
    from PIL import Image

    picture = np.zeros((16, 16, 3), np.uint8)
    Image.fromarray(picture).save(tmp_path / "a.png")
    model = rnnzoo.create_model("caption_lstm", units=4, embedding_size=4)
    model.fit(picture[None].repeat(2, 0), ["a dog", "a cat"], verbose=0)
    model.save(tmp_path / "caption.keras")
    argv = ["predict", str(tmp_path / "caption.keras"), str(tmp_path / "a.png"), "--beam-width"]
    for width in (1, 3):
        assert cli.main([*argv, str(width)]) == 0
        assert len(capsys.readouterr().out.splitlines()) == width
    model = rnnzoo.create_model("translate_attention_gru", pretrained=True)
    argv = ["predict", "translate_attention_gru", "Enter a valid date.", "--beam-width"]
    for width in (1, 5):
        assert cli.main([*argv, str(width)]) == 0
        said = capsys.readouterr().out.removesuffix("\n")
        assert [said] == model.translate(["Enter a valid date."], beam_width=width)


def test_predict_reads_a_table_as_the_run_was_trained(tmp_path, capsys):
    import polars

    steps = np.arange(200)
    rows = {
        "walk": [f"w{i}" for i in steps // 5],
        "stamp": steps % 5 * 0.1,
        "a": np.sin(steps),
        "b": np.cos(steps),
        "kind": np.where(steps // 5 % 2, "up", "down"),
    }
    polars.DataFrame(rows).write_csv(tmp_path / "own.csv")
    command = ["train", "activity_rnn", "--data", str(tmp_path / "own.csv"), "--epochs", "1"]
    command += ["--set", "units=2", "--out", str(tmp_path / "run"), "--quiet"]
    assert cli.main([*command, "--id", "walk", "--time", "stamp", "--label", "kind"]) == 0
    new = polars.DataFrame(rows).select("b", "walk", "stamp", "a")
    new.write_csv(tmp_path / "new.csv", separator=";")
    capsys.readouterr()
    out = tmp_path / "out.csv"
    command = ["predict", str(tmp_path / "run"), str(tmp_path / "new.csv")]
    assert cli.main([*command, "--out", str(out)]) == 0
    captured = capsys.readouterr()
    assert captured.err == "" and captured.out == f"{out}: 40 rows, 40 of them new\n"
    written = np.array([row.split(",")[3:] for row in out.read_text().splitlines()[1:]], float)
    x = np.stack([rows["a"], rows["b"]], axis=1).reshape(40, 5, 2)
    model = rnnzoo.load_model(tmp_path / "run")
    assert model.preprocessor.channels.interval == pytest.approx(0.1)
    np.testing.assert_allclose(written, model.probabilities(x), atol=1e-5)
    assert cli.main([*command, "--id", "none"]) == 2
    assert cli.main(command) == 0
    assert capsys.readouterr().out.splitlines()[0].split("\t")[1] == "w0"
