"""Pairs of sentences by name and path."""

import pytest

import rnnzoo
from rnnzoo.data import load_pairs
from rnnzoo.data.pipelines.splits import plain

PARTS = ("train", "validation", "test")


def _tsv(path, count=20, text="sentence {number}\tSatz {number}"):
    path.write_text("".join(text.format(number=n) + "\n" for n in range(count)), encoding="utf-8")
    return path


def _two(folder, name, count=20):
    for language, word in (("en", "sentence"), ("de", "Satz")):
        _tsv(folder / f"{name}.{language}", count, f"{word} {{number}} of {name}")
    return folder


def _counts(data):
    return [len(getattr(data, part)) for part in PARTS]


def _all(data):
    parts = (getattr(data, part) for part in PARTS)
    return [pair for part in parts for pair in zip(part.sources, part.targets, strict=True)]


def _changed(path, line, text):
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[line - 1] = text
    path.write_text("\n".join(lines), encoding="utf-8")


def test_a_file(tmp_path):
    path = _tsv(tmp_path / "pairs.tsv")
    data = load_pairs(path)
    assert _counts(data) == [16, 2, 2] and data.languages is None
    assert sorted(_all(data)) == sorted((f"sentence {n}", f"Satz {n}") for n in range(20))
    again = load_pairs(str(path))
    assert again == data and again.metadata["source"] == "pairs.tsv"
    assert _counts(load_pairs(path, validation=0.2, test=0)) == [16, 4, 0]
    assert rnnzoo.load_pairs is load_pairs


def test_two_files(tmp_path):
    _two(tmp_path, "news")
    name = f"{tmp_path}/news.en,{tmp_path}/news.de"
    data = load_pairs(name)
    assert _counts(data) == [16, 2, 2] and data.metadata["source"] == "news.en,news.de"
    assert ("sentence 3 of news", "Satz 3 of news") in _all(data)
    (tmp_path / "news.de").unlink()
    with pytest.raises(FileNotFoundError, match="news.de"):
        load_pairs(name)


def test_a_folder_by_languages(tmp_path):
    for name, count in (("train", 20), ("val", 5), ("test_2016_flickr", 4), ("other", 3)):
        _two(tmp_path, name, count)
    data = load_pairs(f"{tmp_path}:en-de")
    assert _counts(data) == [20, 5, 4] and data.languages == ("en", "de")
    assert data.train.sources[1] == "sentence 1 of train"
    assert data.test.targets[3] == "Satz 3 of test_2016_flickr"
    back = load_pairs(f"{tmp_path}:de-en")
    assert back.languages == ("de", "en") and back.train.sources == data.train.targets
    _two(tmp_path, "test_2017_flickr")
    with pytest.raises(ValueError, match="several files of the test split: test_2016_flickr, test"):
        load_pairs(f"{tmp_path}:en-de")
    _two(tmp_path, "test", 2)  # goes before those whose names go on
    assert _counts(load_pairs(f"{tmp_path}:en-de")) == [20, 5, 2]
    (tmp_path / "other.de").unlink()
    with pytest.raises(ValueError, match="lacks other.de, of which it holds the other side"):
        load_pairs(f"{tmp_path}:en-de")


@pytest.mark.parametrize("validation", ["val", "valid", "validation", "dev", "Dev-2"])
def test_a_folder_of_tables(tmp_path, validation):
    for name, count in (("train", 20), (validation, 5), ("test", 4)):
        _tsv(tmp_path / f"{name}.tsv", count)
    assert _counts(load_pairs(tmp_path)) == [20, 5, 4]


def test_without_files_to_validate_on_some_pairs_are_set_aside(tmp_path):
    _two(tmp_path, "train")
    data = load_pairs(f"{tmp_path}:en-de")
    assert _counts(data) == [18, 2, 0] and data.test.sources == ()
    _two(tmp_path, "test", 3)
    assert _counts(load_pairs(f"{tmp_path}:en-de", validation=0.2)) == [16, 4, 3]


def test_one_corpus_of_a_folder_is_split(tmp_path):
    (tmp_path / "README").touch()
    _two(tmp_path, "Europarl.de-en")
    data = load_pairs(f"{tmp_path}:en-de")
    assert _counts(data) == [16, 2, 2] and data.languages == ("en", "de")
    _two(tmp_path, "Books")
    words = "Books, Europarl.de-en of the kind .en and .de; expected train.en and train.de, or one"
    with pytest.raises(ValueError, match=words):
        load_pairs(f"{tmp_path}:en-de")
    with pytest.raises(
        ValueError, match=r"of the kind .tsv; .*\. It has files in de and en: .*:de-en reads two"
    ):
        load_pairs(tmp_path)


def test_no_source_is_in_two_splits(tmp_path):
    lines = [
        f"{source}\t{source}, target {n}"
        for n in range(60)
        for source in (f"Go to {n}", f"go to {n}!", f"Go to {n} …", f"Go to {n}")
    ]
    path = tmp_path / "pairs.tsv"
    path.write_text("\n".join(lines))
    data = load_pairs(path)
    assert _counts(data) == [192, 24, 24]
    keys = [{plain(source) for source in getattr(data, part).sources} for part in PARTS]
    assert len(set().union(*keys)) == sum(map(len, keys)) == 60


def test_what_changes_changes_the_digest(tmp_path):
    path = _tsv(tmp_path / "pairs.tsv")
    digests = [load_pairs(path).metadata["sha256"]["train"]]
    data = load_pairs(path)
    line = 1 + int(data.train.sources[0].split()[1])
    _changed(path, line, f"{data.train.sources[0]}\tein anderer Satz")
    digests.append(load_pairs(path).metadata["sha256"]["train"])
    assert len(set(digests)) == 2 and set(data.metadata["sha256"]) == set(PARTS)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("no tab", "lines without a tab"),
        ("a\tb\tc", "lines not of 2 columns"),
        ("", "blank lines"),
        (" \tb", "lines whose source is empty"),
        ("a\t", "lines whose target is empty"),
    ],
)
def test_malformed_lines_are_left_out_and_counted(tmp_path, line, words):
    path = _tsv(tmp_path / "pairs.tsv")
    _changed(path, 7, line)
    data = load_pairs(path)
    assert len(_all(data)) == 19 and data.reading.counts == {"pairs": 19}
    assert data.reading.left_out == [f"1 {words}, the first is line 7"]
    for number in (9, 12):
        _changed(path, number, line)
    if line:
        message = f"pairs.tsv, line 7: 3 {words}, the first is line 7, of 20; expected source<TAB>"
        with pytest.raises(ValueError, match=message):
            load_pairs(path)


def test_a_blank_line_at_the_end_is_nothing(tmp_path):
    path = _tsv(tmp_path / "pairs.tsv")
    path.write_text(path.read_text() + "\n \n")
    assert load_pairs(path).reading.left_out == []
    _two(tmp_path, "news")
    news = tmp_path / "news.de"
    news.write_text(news.read_text() + "\n")
    data = load_pairs(f"{tmp_path}/news.en,{news}")
    assert len(_all(data)) == 20 and data.reading.left_out == []


def test_malformed_files(tmp_path):
    _two(tmp_path, "train")
    name = f"{tmp_path}:en-de"
    _changed(tmp_path / "train.de", 7, "  ")
    said = "1 lines whose target is empty, the first is line 7"
    assert load_pairs(name).reading.left_out == [said]
    _changed(tmp_path / "train.en", 7, "")
    assert load_pairs(name).reading.left_out == ["1 blank lines, the first is line 7"]
    _tsv(tmp_path / "train.de", 1234)
    with pytest.raises(ValueError, match="train.en has 20 lines and .*train.de 1,234; expected as"):
        load_pairs(name)
    (tmp_path / "train.de").write_bytes(b"one\n\0")
    with pytest.raises(ValueError, match="train.de is no text: there is a NUL at offset 4"):
        load_pairs(name)
    (tmp_path / "train.de").write_text("\n\n")
    with pytest.raises(ValueError, match="train.de holds nothing; expected a pair, or one side"):
        load_pairs(name)


def test_too_little_to_split(tmp_path):
    path = _tsv(tmp_path / "pairs.tsv", 2)
    with pytest.raises(ValueError, match="too few pairs to split: 2, of 2 different sources, of"):
        load_pairs(path)
    _tsv(path, 9, "the same\tdas {number}.")
    with pytest.raises(ValueError, match="9, of 1 different sources, of which 2 are held out"):
        load_pairs(path)
    assert _counts(load_pairs(_tsv(path, 3))) == [1, 1, 1]


def test_what_there_is_not(tmp_path):
    for name in ("nowhere.tsv", "", f"{tmp_path}/nowhere:en-de", "a.en,a.de"):
        with pytest.raises(FileNotFoundError, match="is neither a file.*of emoji_names, .*ui_mes"):
            load_pairs(name)
    with pytest.raises(FileNotFoundError, match="of ui_messages, ui_messages/.*did you mean 'ui_m"):
        load_pairs("ui_messages/tlh")
    for shares in ({"validation": 0}, {"test": -0.1}, {"validation": 0.5, "test": 0.5}):
        with pytest.raises(ValueError, match="expected shares that leave something to train"):
            load_pairs(_tsv(tmp_path / "pairs.tsv"), **shares)


def test_as_many_as_multi30k(tmp_path):
    path = _tsv(
        tmp_path / "pairs.tsv", 29_000, f"{'word ' * 12}{{number}}\t{'Wort ' * 12}{{number}}"
    )
    assert _counts(load_pairs(path)) == [23_200, 2_900, 2_900]
