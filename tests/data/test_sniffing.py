"""Which task a file or folder is for, of made files in the layouts that people have."""

import contextlib
import gzip
import json
import random

import numpy as np
import pytest

from rnnzoo import RnnzooError
from rnnzoo.data import load_captions, load_pairs, load_series, load_tagged, load_text, task_of
from rnnzoo.data.sniffing import tasks_of
from rnnzoo.errors import DataError

CONLLU = (
    "# sent_id = 1\n# text = a b\n1\ta\ta\tX\t_\t_\t0\troot\t_\t_\n2\tb\tb\tY\t_\t_\t1\tx\t_\t_\n\n"
)
CONLLX = CONLLU.partition("\n")[2].partition("\n")[2]
CONLL2003 = (
    "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\nPeter NNP I-NP I-PER\n\n"
)
WNUT = "@paulwalk\tO\nEmpire\tB-location\nState\tI-location\n\nThe\tO\nend\tO\n\n"
RECORD = {"tokens": ["EU", "rejects"], "ner_tags": ["B-ORG", "O"]}
IMAGE = {
    "images": [{"id": 1, "file_name": "a.jpg"}],
    "annotations": [{"image_id": 1, "caption": "a"}],
}
SERIES = "time,x,y,label\n" + "".join(f"{n},{n / 7:.3f},{-n / 3:.3f},walk\n" for n in range(30))
STAMPED = "stamp;hr;activity\n" + "2024-01-01 10:00:00;71,5;run\n2024-01-01 10:00:01;72,5;run\n" * 9
SALES = "date,shop,sales\n" + "".join(
    f"2024-01-{day:02},{shop},{day / 7:.2f}\n" for day in range(1, 31) for shop in ("a", "b")
)
PROSE = "It was the best of times, it was the worst of times,\nit was the age of wisdom.\n" * 9
CODE = "import os\n\n\ndef main(a, b):\n    return os.path.join(a, b)\n"

FILES = {
    "a.conllu": (CONLLU, "sequence-tagging"),
    "conllu.txt": (CONLLU, "sequence-tagging"),
    "no_tag.tsv": (WNUT * 40 + "word\n\n" + WNUT, "sequence-tagging"),  # its reader names the line
    "x.conll": (CONLLX, "sequence-tagging"),
    "eng.testa": (CONLL2003 * 4, "sequence-tagging"),
    "wnut.conll": (WNUT * 5, "sequence-tagging"),
    "brown.txt": ("The/AT jury/NN said/VBD ./.\n" * 5, "sequence-tagging"),
    "under.txt": ("The_DT dog_NN barks_VBZ ._.\n" * 5, "sequence-tagging"),
    "tags.jsonl": ((json.dumps(RECORD) + "\n") * 3, "sequence-tagging"),
    "ner.csv": ("Sentence #,Word,POS,Tag\n1,EU,NNP,B-org\n,says,VBZ,O\n" * 3, "sequence-tagging"),
    "series.csv": (SERIES, "sequence-classification"),
    "stamped.csv": (STAMPED, "sequence-classification"),
    "sales.csv": (SALES, "forecasting"),
    "years.csv": ("year,gdp\n" + "".join(f"{1950 + i},{i}.5\n" for i in range(20)), "forecasting"),
    "units.csv": (
        "day,rain\n2024-01-01,\n" + "".join(f"2024-01-{i:02},{i}.5 mm\n" for i in range(2, 30)),
        "forecasting",
    ),
    "months.csv": ("month;units\n" + "2024-01;3\n2024-02;4,5\n" * 9, "forecasting"),
    "gestures.csv": (SALES.replace("sales", "activity"), "sequence-classification"),
    "50_hz.csv": (
        "time,x,y,z\n" + "".join(f"2024-01-01 10:00:00.{n:02},1,2,3\n" for n in range(30)),
        "sequence-classification",
    ),
    "tabs.tsv": (SERIES.replace(",", "\t"), "sequence-classification"),
    "bare.csv": ("1.5,2.5\n" * 9, "sequence-classification"),
    "spaces.txt": (" 1.0e-1 2.0e+0 3.5\n" * 9, "sequence-classification"),
    "single.csv": ("value\n" + "9.81\n" * 9, "sequence-classification"),
    "x.arff": ("% a\n@RELATION x\n@DATA\n1\n", "sequence-classification"),
    "x.ts": ("#made\n@problemName X\n@data\n1,2:a\n", "sequence-classification"),
    "pairs.tsv": ("Go now.\tVa !\nI am cold.\tJ'ai froid.\n" * 5, "translation"),
    "anki.txt": ("Go now.\tVa !\tCC-BY 2.0 (France) #1\n" * 5, "translation"),
    "tatoeba.tsv": ("12\tGo now.\t34\tVa donc !\n" * 5, "translation"),
    "pairs.csv": ('en,fr\n"Go, now.","Va, donc !"\nI am cold.,J\'ai froid.\n' * 5, "translation"),
    "de.po": ('msgid "Save file"\nmsgstr "Speichern"\n' * 3, "translation"),
    "mem.tmx": ('<?xml version="1.0"?>\n<tmx version="1.4"><body></body></tmx>', "translation"),
    "pairs.jsonl": ('{"en": "Go now.", "fr": "Va !"}\n' * 3, "translation"),
    "opus.jsonl": ('{"translation": {"en": "Go.", "fr": "Va."}}\n' * 3, "translation"),
    "captions.txt": ("a.jpg#0\tA dog runs .\na.jpg#1\tA dog .\n" * 5, "captioning"),
    "captions.csv": ("image,caption\na.jpg,A dog\nb.jpg,A cat\n", "captioning"),
    "flickr30k.csv": ("image_name| comment_number| comment\na.jpg| 0| A dog\n" * 3, "captioning"),
    "pipes.txt": ("a.jpg|A dog\nb.jpg|A cat\n", "captioning"),
    "metadata.jsonl": ('{"file_name": "a.jpg", "text": "A dog"}\n' * 3, "captioning"),
    "coco.json": (json.dumps(IMAGE), "captioning"),
    "blanks.conll": (WNUT.replace("\n", " \n").replace("\t", " ") * 5, "sequence-tagging"),
    "space.conll": ("1\u00a0000 NUM\nEUR X\n\n" * 9, "sequence-tagging"),
    "spans.jsonl": ('{"text": "In Rome", "label": [[3, 7, "LOC"]]}\n' * 3, "sequence-tagging"),
    "first.jsonl": ('{"text": "Go", "label": []}\n{"text": "I", "label": null}\n'
                    '{"text": "In Rome", "label": [[3, 7, "LOC"]]}\n', "sequence-tagging"),
    "classes.jsonl": ('{"text": "Go", "labels": []}\n{"text": "I", "labels": ["bad"]}\n' * 3,
                      "text-generation"),
    "classes.json": ('[{"text": "Go", "labels": []}, {"text": "I", "labels": ["bad"]}]',
                     "text-generation"),
    "labels.csv": ("id,token,label\n1,EU,ORG\n1,says,O\n" * 3, "sequence-tagging"),
    "a.xlf": ('<?xml version="1.0"?>\n<xliff version="1.2"></xliff>', "translation"),
    "lines.csv": ('en,fr\n"Go\nnow","Va\ndonc"\n' * 9, "translation"),
    "one.tsv": ("Go now.\tVa donc !\n", "translation"),
    "bars.txt": ("Go now. ||| Va donc !\n" * 5, "translation"),
    "src.jsonl": ('{"id": "7", "src": "Go now.", "tgt": "Va !"}\n' * 3, "translation"),
    "reviews.csv": ("id,review\n1,Good\n2,Bad\n" * 3, "text-generation"),
    "Makefile": ("all: a b\n\tgcc -o a\n\tgcc -o b\n\trm -f x\n\ttrue it\n" * 5, "text-generation"),
    "reel.abc": ("A2 B2 c2 | d2 e2 f2 | g2 a2 b2 |\n" * 9, "text-generation"),
    "commas.txt": ("I came here, I saw it\nYou went off, he stayed on\n" * 9, "text-generation"),
    "book.txt": (PROSE, "text-generation"),
    "code.py": (CODE * 5, "text-generation"),
    "README.md": ("# A title\n\nSome words, and more; of them.\n\n- a list\n", "text-generation"),
    "poem.txt": ("The fog comes\non little cat feet.\n\nIt sits looking\n", "text-generation"),
    "chat.json": ("[1, 2]", "text-generation"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file(tmp_path, name):
    text, task = FILES[name]
    (tmp_path / name).write_text(text, encoding="utf-8")
    guess = task_of(tmp_path / name)
    assert guess.task == task and guess.why
    (tmp_path / "packed").write_bytes(gzip.compress(text.encode("utf-16")))
    assert task_of(tmp_path / "packed").task == task


def made(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        suffix = path.suffix.lower()
        text = {
            ".csv": SERIES, ".conllu": CONLLU, ".tsv": "Go now.\tVa donc !\n" * 9, ".txt": PROSE,
            ".en": PROSE, ".fr": PROSE, ".conll": WNUT * 5,
        }.get(suffix, "x")  # fmt: skip
        path.write_text(text)
    return folder


FOLDERS = {
    "sequence-classification": ["walk/a.csv", "run/s1/b.CSV", "README.md"],
    "sequence-tagging": ["en_x-ud-train.conllu", "en_x-ud-dev.conllu", "LICENSE.txt", "stats.xml"],
    "translation": ["train.tsv", "validation.tsv", "README"],
    "captioning": ["Images/a.JPG", "Images/b.jpg", "captions.csv"],
    "text-generation": ["1.txt", "more/2.txt", ".hidden.csv"],
}
LOADERS = {
    "captioning": load_captions,
    "sequence-classification": load_series,
    "sequence-tagging": load_tagged,
    "text-generation": load_text,
    "translation": load_pairs,
}
PLAIN = {
    "captions.csv", "coco.json", "pipes.txt", "series.csv", "spaces.txt", "a.conllu", "eng.testa",
    "tags.jsonl", "brown.txt", "de.po", "pairs.csv", "opus.jsonl", "anki.txt", "a.xlf",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_what_is_plainly_for_another_task_is_refused(tmp_path, name):
    text, task = FILES[name]
    path = tmp_path / name
    path.write_text(text * (5 if name == "a.conllu" else 1), encoding="utf-8")
    for other, load in LOADERS.items():
        if other != task:
            words = f"looks like {task} .*not like {other}: `rnnzoo train .* --data .*; --"
            with pytest.raises(ValueError, match=words):
                load(path)
    assert load_text(path, plain=True, validation=0).train == path.read_text(encoding="utf-8")


def test_prose_is_not_taken_for_words_and_tags(tmp_path):
    path = tmp_path / "book.txt"
    path.write_text(PROSE + "And a line of more words than that, or so they say here.\n")
    for load in (load_tagged, load_pairs):
        with pytest.raises(ValueError, match=r"looks like text-generation .*`rnnzoo train char_"):
            load(path)


def test_what_may_be_for_another_task_is_odd(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text(FILES["pairs.tsv"][0])
    looks = "it looks like translation (2 columns of sentences, apart by tabs)"
    assert load_text(path).reading.warnings == [
        "it is read as plain text, as no column is called 'text'",
        looks,
    ]
    assert load_text(path.rename(tmp_path / "pairs.txt")).reading.warnings == [looks]


TOWNS = ["Aachen", "Bad Homburg", "Celle", "Dresden", "Emden", "Fulda", "Gera", "Hof", "Ulm", "Au"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.txt", "\n".join(TOWNS) + "\n"),
        ("a.csv", "\n".join(["Name", *TOWNS[:3]])),
        ("a.csv", "\n".join(["name,land", *(f"{town},Hesse" for town in TOWNS)])),
    ],
)
def test_names_are_told_from_text(tmp_path, file, text):
    (tmp_path / file).write_text(text)
    assert task_of(tmp_path / file).task == "name-generation"
    if "," not in text:
        assert "looks like name-generation" in load_text(tmp_path / file).reading.warnings[-1]


@pytest.mark.parametrize(
    "text", ["to be or not\n" * 20, "one\ntwo\n" * 20, "a.b\n" * 3, PROSE, CODE]
)
def test_text_is_not_taken_for_names(tmp_path, text):
    (tmp_path / "a.txt").write_text(text)
    assert task_of(tmp_path / "a.txt").task == "text-generation"


def test_a_table_with_names_and_numbers_may_be_for_either(tmp_path):
    rows = [f"{town},{i},{i}" for i, town in enumerate(TOWNS)]
    (tmp_path / "a.csv").write_text("\n".join(["name,people,founded", *rows]))
    tasks = [guess.task for guess in tasks_of(tmp_path / "a.csv")]
    assert tasks == ["sequence-classification", "name-generation"]
    with pytest.raises(ValueError, match="looks like sequence-classification .* not like text"):
        load_text(tmp_path / "a.csv")


def test_a_folder_of_text_may_hold_tables(tmp_path):
    made(tmp_path, "1.txt", "2.csv", "3.conll")
    reading = load_text(tmp_path).reading
    assert reading.counts["files"] == 3 and "looks like" not in " ".join(reading.warnings)


def test_a_text_beside_each_picture(tmp_path):
    assert task_of(made(tmp_path, "a.jpg", "a.txt", "b.PNG", "b.txt")).task == "captioning"


@pytest.mark.parametrize("task", FOLDERS)
def test_a_folder(tmp_path, task):
    assert task_of(made(tmp_path, *FOLDERS[task])).task == task


def test_what_stands_beside_a_path(tmp_path):
    made(tmp_path, "train.en", "train.fr", "a.conllu")
    assert task_of(tmp_path).task == "translation"
    assert task_of(f"{tmp_path}:en-fr").task == "translation"
    assert task_of(f"{tmp_path}/train.en,{tmp_path}/train.fr").task == "translation"
    assert task_of(f"{tmp_path}/a.conllu:xpos").task == "sequence-tagging"


def test_a_data_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert task_of("watch").task == "sequence-classification"
    assert [guess.task for guess in tasks_of("moving_emoji")] == [
        "captioning", "sequence-classification",
    ]  # fmt: skip
    with pytest.raises(FileNotFoundError, match="did you mean 'tiny_shakespeare'"):
        task_of("tiny_shakespear")
    with pytest.raises(FileNotFoundError, match="no such file, folder or data set"):
        task_of("")


def test_arrays(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((3, 4, 1)), y=[1, 2, 1])
    np.save(tmp_path / "a.npy", np.zeros((3, 4)))
    assert task_of(tmp_path / "a.npz")[1] == "an archive of arrays (x, y)"
    assert task_of(tmp_path / "a.npy").task == "sequence-classification"


def test_what_may_be_for_several_tasks_is_asked_for(tmp_path):
    path = tmp_path / "words.tsv"
    path.write_text("dog\tNOUN\ncat\tNOUN\nruns\tVERB\nthe\tDET\na\tDET\n" * 4)
    with pytest.raises(ValueError, match="sequence-tagging .*; or translation .*: which.*--task"):
        task_of(path)


@pytest.mark.parametrize("name", ["empty.csv", "photo.jpg", "binary"])
def test_what_is_for_no_task_is_told(tmp_path, name):
    (tmp_path / name).write_bytes(b"" if name == "empty.csv" else bytes(range(256)) * 4)
    with pytest.raises(ValueError, match=name):
        task_of(tmp_path / name)
    (tmp_path / "none").mkdir()
    with pytest.raises(ValueError, match="holds no file"):
        task_of(tmp_path / "none")


@pytest.mark.parametrize("name", ["history.csv", "best.keras", "checkpoints"])
def test_runs_and_models_are_no_data(tmp_path, name):
    run = tmp_path / "my runs" / "first"
    made(run, "config.json", "history.csv", name)
    with pytest.raises(ValueError, match=r"first is a run of .*`rnnzoo info '.*first'`"):
        task_of(run)
    with pytest.raises(ValueError, match="holds runs of `rnnzoo train`, such as first"):
        task_of(run.parent)
    with pytest.raises(ValueError, match="is a model, and no data: `rnnzoo info"):
        task_of(made(tmp_path, "own.keras") / "own.keras")
    with pytest.raises(ValueError, match="is a SavedModel"):
        task_of(made(tmp_path / "saved_model", "saved_model.pb"))
    made(tmp_path / "data", "config.json", "a.csv", "b.csv")
    assert task_of(tmp_path / "data").task == "sequence-classification"


def test_an_encoding_that_is_given(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_bytes("Go now.\tÜberall hin !\n".encode("cp500") * 9)
    with pytest.raises(ValueError, match="--encoding"):
        task_of(path)
    assert task_of(path, encoding="cp500").task == "translation"


def test_damaged_files_are_told_of(tmp_path):
    """Whatever is in a file, it is for a task, or told of as a user's mistake."""
    rng = random.Random(0)
    for name, (text, _) in FILES.items():
        for _ in range(25):
            content = bytearray(text.encode())
            for _ in range(rng.randint(1, 5)):
                at = rng.randrange(len(content) + 1)
                content[at : at + rng.randrange(3)] = rng.choice(
                    (
                        b"\0",
                        b'"',
                        b"\n",
                        b"\n\n",
                        b"\t",
                        b",",
                        b";",
                        b"{",
                        b"[",
                        b"\xff",
                        b" ",
                        b"PK\3\4",
                    )
                )
            (tmp_path / name).write_bytes(content)
            with contextlib.suppress(RnnzooError, OSError):
                assert task_of(tmp_path / name).why


def test_a_line_of_names_alone_is_no_text(tmp_path):
    for names in ("time;x;y;label", "date,rain"):
        (tmp_path / "empty.csv").write_text(names + "\n")
        with pytest.raises(DataError, match=f"holds a line of names, '{names}', and no row"):
            task_of(tmp_path / "empty.csv")
    (tmp_path / "one.csv").write_text("3;0.1;0.2;0.4\n")  # a row of numbers may be asked about
    assert task_of(tmp_path / "one.csv").task


def test_a_folder_of_stamped_tables_holds_recordings(tmp_path):
    for name in ("walk/a.csv", "run/b.csv"):
        made(tmp_path, name)
        (tmp_path / name).write_text(SALES)
    assert task_of(tmp_path).task == "sequence-classification"
