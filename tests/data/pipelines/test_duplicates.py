"""Near-duplicates, and splits that keep them on one side."""

import itertools
import resource
import tracemalloc

import numpy as np
import pytest

from rnnzoo import data
from rnnzoo.data.pipelines import duplicates, splits
from rnnzoo.data.pipelines.duplicates import SIMILARITY, Duplicates, fold
from rnnzoo.data.readers import rows

WORDS = ["".join(parts) for parts in itertools.product("bdklmnrst", "aeiou", "ltrs", "ku", "mn")]
BASE = " ".join(WORDS[::15] * 2)  # so long that a letter more or less is hardly anything


def sentences(count, seed, length=5):
    random = np.random.default_rng(seed)
    return [" ".join(random.choice(WORDS, length)) for _ in range(count)]


def with_twins(seed, count=300):
    """Sentences, some of which come again but for case, a plural, a number or a shortcut's mark."""
    random = np.random.default_rng(seed)
    changes = (str.upper, "{}s!".format, "{} %s".format, "&{}".format)
    found, twin_of = sentences(count, seed), {}
    for one in found[: count // 4]:
        twin_of[changes[random.integers(len(changes))](one)] = one
    return [*found, *twin_of], twin_of


@pytest.mark.parametrize(
    "same",
    [
        ("Delete %(count)d files?", "delete {count} files"),
        ("_Open file…", "&Open file", "~Open file", "Open file"),
        ("Page 3 of all 12 pages", "page 4 of all 100 pages!"),
        ("<b>Save</b> it", "Save it"),
        ("Cafe\u0301 noir", "CAFÉ NOIR"),
        ("हिन्दी में", "हिन्दी में।"),
    ],
)
def test_what_is_folded_away(same):
    assert len({fold(text) for text in same}) == 1


def test_what_is_not_folded_away():
    dates = ["9 september 99", "10 september 99", "x = 12 + 3", "x = 7 * 3"]
    different = [
        *dates,
        "",
        "%s",
        "12",
        "13",
        "+",
        "🍕",
        "🍔",
        "कि",
        "की",
        "a",
        "b",
        "中国",
        "日本",
    ]
    assert len({fold(text) for text in different}) == len(different)
    assert Duplicates(different).clusters().tolist() == list(range(len(different)))
    assert Duplicates(["", " ", "\ud800"]).clusters().tolist() == [0, 0, 1]
    assert Duplicates(["one"]).clusters().tolist() == [0]


@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_those_of_all_cosines(seed, monkeypatch):
    """The index of rarest trigrams loses none; nor do parts, however small."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts, _ = with_twins(seed)
    monkeypatch.setattr(duplicates, "AT_ONCE", 3000)
    folded = sorted({*map(fold, texts)})
    weights = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3)).fit_transform(folded)
    every = np.triu((weights @ weights.T).toarray(), 1)
    found = Duplicates(texts)
    everything = np.arange(len(folded))
    pairs = {
        (i, j): similarity
        for part in found._pairs(everything, everything)
        for i, j, similarity in zip(*map(np.ndarray.tolist, part), strict=True)
        if i < j
    }
    assert {*pairs} == {*zip(*map(np.ndarray.tolist, np.nonzero(every >= SIMILARITY)), strict=True)}
    assert len(pairs) > 10
    for pair, similarity in pairs.items():
        assert similarity == pytest.approx(every[pair], abs=1e-5)


def test_clusters_are_connected_and_cut_at_higher_similarities():
    chain = [" ".join(WORDS[7 * i : 7 * i + 84 : 7]) for i in range(12)]
    found = Duplicates(chain)
    assert {*found.clusters().tolist()} == {0}
    counts = [found.clusters(level).max() + 1 for level in splits.SIMILARITIES]
    assert counts == sorted(counts) and counts[-1] == len(chain)


def test_beside_asks_for_pairs_and_not_for_chains():
    chain = [" ".join(WORDS[7 * i : 7 * i + 84 : 7]) for i in range(12)]
    near = Duplicates([*chain, "quite another thing"]).beside(np.arange(13) == 0)
    assert near[1] and not near[0] and not near[11:].any()


def test_one_sentence_with_many_names_is_no_square_of_pairs():
    """20,000 random strings, and 2,000 that are all alike: without all pairs in memory."""
    random = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    names = ["".join(random.choice(letters, 9)) for _ in range(20_000)]
    alike = [f"{BASE} {name[:2]}" for name in names[:2000]]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert np.bincount(Duplicates(names).clusters()).max() < 10
    assert np.bincount(Duplicates(alike).clusters()).max() == len(alike)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) / 1024 < 500  # MB; all pairs would be 1,600 a matrix of floats


def test_long_texts_that_are_alike_are_compared_in_little_memory():
    random = np.random.default_rng(0)
    long = " ".join(random.permutation(WORDS)[:150])
    alike = [f"{long} {word}" for word in WORDS[:300]]
    tracemalloc.start()
    assert np.bincount(Duplicates(alike).clusters()).max() == len(alike)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300e6


@pytest.mark.parametrize("seed", range(5))
def test_twins_are_on_one_side_and_shares_are_kept(seed):
    texts, twin_of = with_twins(seed)
    apart = splits.by_text({text: text for text in texts}, 0.1, 0.2)
    assert apart.whole and splits.by_text({t: t for t in reversed(texts)}, 0.1, 0.2) == apart
    assert all(apart.split_of[twin] == apart.split_of[one] for twin, one in twin_of.items())
    counts = [list(apart.split_of.values()).count(split) for split in splits.SPLITS]
    np.testing.assert_allclose(np.array(counts) / len(texts), (0.7, 0.1, 0.2), atol=0.01)
    told = apart.told(texts)["facts"]["alike"]
    assert told.endswith(f"of {len(texts)} rows are near-duplicates of another: kept on one side "
                         "of the split")  # fmt: skip


def test_without_near_duplicates_all_stays_as_it_is_by_key():
    texts = sentences(200, seed=1)
    apart = splits.by_text({text: text for text in texts}, 0.1, 0.1)
    assert apart.split_of == splits.by_key(texts, 0.1, 0.1) and apart.told(texts) == {}


def test_a_cluster_of_nearly_all_is_cut_and_said():
    texts = [f"{BASE} {a}{b}" for a in "abcdefghij" for b in "abcdefghij"]
    apart = splits.by_text({text: text for text in texts}, 0.1, 0.1)
    counts = [list(apart.split_of.values()).count(split) for split in splits.SPLITS]
    assert sum(counts) == 100 and min(counts[1:]) >= 7 and not apart.whole
    said = apart.told(texts)["facts"]["alike"]
    assert said.startswith(
        "100 of 100 rows are near-duplicates of another, too many to keep on one"
    )


def test_a_large_cluster_beside_others_is_trained_on():
    texts = [f"{'very ' * i}good" for i in range(1, 3)] + [
        f"page {i} of the book" for i in range(60)
    ]
    texts += sentences(40, seed=2)
    apart = splits.by_text({text: text for text in texts}, 0.1, 0.1)
    assert apart.whole and {apart.split_of[f"page {i} of the book"] for i in range(60)} == {"train"}


def test_rows_in_order_are_where_their_first_like_is():
    texts = sentences(100, seed=3)
    texts += [text.upper() for text in texts[:20]]
    apart = splits.rows_in_order(texts, 0.1, 0.1)
    assert all(apart.split_of[100 + i] == apart.split_of[i] == "train" for i in range(20))
    held = [row for row, split in apart.split_of.items() if split != "train"]
    assert held == list(range(76, 100))
    assert [apart.split_of[row] for row in held] == ["validation"] * 12 + ["test"] * 12


# --- what users give ------------------------------------------------------------------------------


def sides(parts):
    """By folded text all splits that it is in."""
    found = {}
    for split, part in parts.items():
        for text in part:
            found.setdefault(fold(text), set()).add(split)
    return found


def written(folder, task, texts):
    """A file of texts for a task, and what of it is in which split."""
    path = folder / f"{task}.txt"
    if task == "pairs":
        path = path.with_suffix(".tsv")
        path.write_text("".join(f"{text}\tcible {i}\n" for i, text in enumerate(texts)))
        loaded = data.load_pairs(path)
        return loaded, {s: getattr(loaded, s).sources for s in splits.SPLITS}
    if task == "names":
        path.write_text("\n".join(texts))
        loaded = data.load_names(path)
        return loaded, {s: getattr(loaded, s) for s in splits.SPLITS}
    if task == "tagged":
        rows_ = ["\n".join(f"{word} {word[0]}" for word in text.split()) for text in texts]
        path.write_text("\n\n".join(rows_) + "\n")
        loaded = data.load_tagged(path, test=0.1)
        parts = {s: [" ".join(x.tokens) for x in getattr(loaded, s)] for s in splits.SPLITS}
        return loaded, parts
    if task == "captions":
        from PIL import Image

        for i in range(len(texts)):
            Image.new("L", (2, 2)).save(folder / f"{i}.png")
        (folder / "captions.csv").write_text(
            "image,caption\n" + "".join(f'{i}.png,"{text}"\n' for i, text in enumerate(texts))
        )
        loaded = data.load_captions(folder)
        parts = {s: [c for (c,) in getattr(loaded, s).captions] for s in splits.SPLITS}
        return loaded, parts
    (folder / "texts.csv").write_text(
        "text,label\n" + "".join(f'"{text}",{"xy"[i % 2]}\n' for i, text in enumerate(texts))
    )
    loaded = data.load_text(folder / "texts.csv", labelled=True, test=0.1)
    return loaded, {s: loaded.documents[s].texts for s in splits.SPLITS}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("task", ["pairs", "names", "tagged", "captions", "documents"])
def test_one_file_is_split_between_clusters(tmp_path, task, seed):
    texts, twin_of = with_twins(seed, count=120)
    if task == "captions":
        texts = texts[:70] + texts[-30:]
        twin_of = {twin: one for twin, one in twin_of.items() if one in texts}
    loaded, parts = written(tmp_path, task, texts)
    side = sides(parts)
    assert all(len(side[fold(twin)] | side[fold(one)]) == 1 for twin, one in twin_of.items())
    counts = np.array([len(parts[split]) for split in splits.SPLITS])
    np.testing.assert_allclose(counts / counts.sum(), (0.8, 0.1, 0.1), atol=0.03)
    again, _ = written(tmp_path, task, texts)
    assert again.metadata == loaded.metadata
    assert "near-duplicates of another: kept on one side of the split" in str(loaded.reading)


def test_files_of_each_split_are_counted_and_nothing_is_moved(tmp_path):
    texts = sentences(60, seed=5)
    parts = {"train": texts[:40], "dev": [texts[0] + "!", *texts[40:44]], "test": texts[44:]}
    for name, part in parts.items():
        (tmp_path / f"{name}.tsv").write_text("".join(f"{text}\tcible\n" for text in part))
    loaded = data.load_pairs(tmp_path)
    assert [len(loaded.train), len(loaded.validation), len(loaded.test)] == [40, 5, 16]
    said = (
        "1 of 5 validation rows have a near-duplicate (0.85) in training: figures on them are too"
    )
    assert said in str(loaded.reading)
    (tmp_path / "dev.tsv").unlink()
    (tmp_path / "test.tsv").write_text(f"{texts[1].upper()}\tcible\n{texts[50]}\tcible\n")
    loaded = data.load_pairs(tmp_path)
    assert "1 of 2 test rows have a near-duplicate" in str(loaded.reading)
    assert len(loaded.validation) == 4 and len(loaded.test) == 2


def test_given_splits_of_tagged_sentences_and_captions_are_counted(tmp_path):
    from PIL import Image

    texts = sentences(20, seed=6)
    tagged = tmp_path / "tagged"
    tagged.mkdir()
    for name, part in {"train": texts[:10], "test": [texts[3], *texts[10:]]}.items():
        lines = ["\n".join(f"{word} x{word[0]}" for word in text.split()) for text in part]
        (tagged / f"{name}.txt").write_text("\n\n".join(lines) + "\n")
    reading = data.load_tagged(tagged).reading
    assert "1 of 11 test rows have a near-duplicate (0.85) in training" in str(reading)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    lines = ["image,caption,split"]
    for i, text in enumerate([*texts, texts[0] + "s"]):
        Image.new("L", (2, 2)).save(pictures / f"{i}.png")
        split = "train" if i < 10 else "validation" if i < 15 else "test"
        lines.append(f"{i}.png,{text},{split}")
    (pictures / "captions.csv").write_text("\n".join(lines))
    reading = data.load_captions(pictures).reading
    assert "1 of 6 test rows have a near-duplicate (0.85) in training" in str(reading)


def test_rows_that_are_all_the_same_are_refused_or_said(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("the same\tcible\n" * 30)
    with pytest.raises(ValueError, match="30, of 1 different sources, of which 2 are held out"):
        data.load_pairs(path)
    path.write_text("".join(f"sentence {i}\tphrase {i}\n" for i in range(30)))
    loaded = data.load_pairs(path)
    assert [len(loaded.train), len(loaded.validation), len(loaded.test)] == [24, 3, 3]
    said = "30 of 30 rows are near-duplicates of another, too many to keep on one side of the split"
    assert f"{said}: figures on what is held out are too good; give" in str(loaded.reading)


def test_what_is_said_is_a_reading_s():
    reading = rows.with_more(data.Reading(layout="x"), **splits.by_text({}, 0.1, 0.1).told([]))
    assert str(reading) == "read as x"
