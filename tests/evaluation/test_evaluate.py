"""`rnnzoo.evaluate`, `rnnzoo evaluate` and `rnnzoo compare` on runs from the command line."""

import json
import math

import numpy as np
import pytest
from PIL import Image

import rnnzoo
from rnnzoo import cli
from rnnzoo.data import Text
from rnnzoo.data import registry as datasets
from rnnzoo.evaluation.text import of_nats


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Recordings of ten people, which statistics tell apart."""
    path = tmp_path_factory.mktemp("recordings") / "own.npz"
    y = np.arange(80) % 2
    x = np.random.default_rng(0).normal(0, 1 + 3 * y[:, None, None], (80, 20, 2))
    np.savez(path, x=x, y=np.array(["calm", "wild"])[y], subject=np.arange(80) // 8)
    return path


@pytest.fixture(scope="module")
def run(file, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "own"
    argv = f"train activity_rnn --set units=3 --epochs 1 --data {file} --out {out}"
    assert cli.main(argv.split()) == 0
    return out


def test_a_run_says_what_the_simple_thing_reaches(run, capsys):
    metrics = json.loads((run / "metrics.json").read_text())
    (found,) = metrics["scores"]  # of validation: the test split is left alone
    assert found["split"] == "validation" and metrics["test"] is None
    best = found["baselines"][1]
    assert best["name"] == "logistic regression on statistics"
    assert best["measures"]["accuracy"]["value"] == 1
    value = found["measures"]["accuracy"]["value"]
    assert best["model_is_better_by"]["value"] == pytest.approx(value - 1, abs=1e-4)


def test_the_test_split_is_measured_on_request(run, tmp_path, capsys):
    assert cli.main(["evaluate", str(run), "--out", str(tmp_path / "scores")]) == 0
    told = capsys.readouterr().out
    assert "test: 16 examples" in told and "logistic regression on statistics: 1 (1 to 1)" in told
    assert (tmp_path / "scores" / "reliability.png").is_file()
    written = json.loads((tmp_path / "scores" / "scores.json").read_text())
    assert cli.main(["evaluate", str(run), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == written
    model = rnnzoo.load_model(run)
    test = rnnzoo.load_series(written["data"]).test
    hits = np.mean(model.classify(list(test.x)) == np.array(["calm", "wild"])[test.labels])
    assert written["measures"]["accuracy"]["value"] == pytest.approx(hits, abs=1e-4)


def test_all_of_a_new_file_is_measured(run, file, tmp_path):
    new = tmp_path / "new.npz"
    with np.load(file) as arrays:
        np.savez(new, **dict(arrays))
    found = rnnzoo.evaluate(run, new)
    assert found["examples"] == 80 and len(found["baselines"]) == 2
    assert rnnzoo.evaluate(run, new, baseline=False)["baselines"] == []
    assert rnnzoo.evaluate(run, new, split="validation")["examples"] < 80


def test_what_is_measured_is_said(run, file, tmp_path, capsys):
    assert cli.main(["evaluate", str(run), "--split", "all"]) == 0
    told = capsys.readouterr().out
    assert "all: 80 examples" in told and "odd: all of the data: the model was trained" in told
    with pytest.raises(ValueError, match="data is missing: nothing says what .*best.keras was"):
        rnnzoo.evaluate(run / "best.keras")


def test_data_that_changed_is_not_split_anew(file, tmp_path):
    own = tmp_path / "own.npz"
    with np.load(file) as arrays:
        arrays = dict(arrays)
    np.savez(own, **arrays)
    settings = {"overrides": {"units": 2}, "epochs": 1, "verbose": 0, "baseline": False}
    rnnzoo.train("activity_rnn", own, tmp_path / "run", **settings)
    np.savez(own, **{**arrays, "x": arrays["x"] + 1})
    with pytest.raises(ValueError, match="own.npz is not what .*run was trained on"):
        rnnzoo.evaluate(tmp_path / "run")


def test_baselines_need_the_data_that_the_run_was_trained_on(run, file, tmp_path):
    model = rnnzoo.load_model(run)
    assert rnnzoo.evaluate(model, file)["baselines"] == []  # nothing says what it was trained on


@pytest.mark.slow
def test_texts_are_measured_too(finished, corpus, capsys):
    assert cli.main(["evaluate", str(finished), "--data", str(corpus), "--split", "all"]) == 0
    assert "Markov chain of order 5" in capsys.readouterr().out
    found = rnnzoo.evaluate(finished, corpus, split="all")
    model = rnnzoo.load_model(finished)
    bits = model.evaluate(corpus.read_text(), return_dict=True, verbose=0)["bits_per_character"]
    assert found["measures"]["bits per character"]["value"] == pytest.approx(bits, abs=1e-4)


def test_runs_are_compared(run, finished, tmp_path, capsys):
    picture = tmp_path / "curves.png"
    assert cli.main(["compare", str(run), str(finished), "--out", str(picture)]) == 0
    told = capsys.readouterr().out
    assert "activity_rnn" in told and "validation, accuracy" in told
    assert "validation, bits per character" in told
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert cli.main(["compare", str(tmp_path)]) == 2
    assert "holds no config.json: expected the folder of a finished run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--split", "train"], None),
        (["--data", "nothing.npz"], "nothing.npz"),
        (["--split", "holiday"], "invalid choice: 'holiday'"),
        (
            ["--beam-width", "3"],
            "(--beam-width): the model is a SequenceClassifier, which searches",
        ),
        (["--beam-width", "0"], "--beam-width: 0: expected a whole number of at least 1"),
    ],
)
def test_mistakes_are_told(run, arguments, message, capsys):
    try:
        code = cli.main(["evaluate", str(run), *arguments])
    except SystemExit as stop:
        code = stop.code
    assert code == (0 if message is None else 2)
    assert message is None or message in capsys.readouterr().err


def write_tagged(folder):
    (folder / "own").write_text("a X\nb Y\n\nb Y\n\n" * 4)
    return [["a", "b"], ["b"]] * 4, [["X", "Y"], ["Y"]] * 4


def write_pairs(folder):
    x, y = [f"go {i}" for i in range(20)], [f"va {i}" for i in range(20)]
    (folder / "own").write_text("".join(f"{a}\t{b}\n" for a, b in zip(x, y, strict=True)))
    return x, y


def write_pictures(folder):
    x, y = np.zeros((20, 16, 16, 3), np.uint8), [f"dog {i}" for i in range(20)]
    for i, picture in enumerate(x):
        Image.fromarray(picture).save(folder / f"{i}.png")
    (folder / "own").write_text("".join(f"{i}.png\t{one}\n" for i, one in enumerate(y)))
    return x, y


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "write", "searches"),
    [
        ("tagger_feedback_lstm", write_tagged, "tag"),
        ("translate_gru", write_pairs, "translations"),
        ("caption_lstm", write_pictures, "captions"),
    ],
)
def test_a_beam_is_as_wide_as_is_said(tmp_path, capsys, name, write, searches):
    model = rnnzoo.create_model(name, units=4, embedding_size=4)
    model.fit(*write(tmp_path), verbose=0)
    model.save(tmp_path / "own.keras")
    widths = []
    kept = getattr(type(model), searches)

    def search(self, *given, **how):
        widths.append(how.get("beam_width"))
        return kept(self, *given, **how)

    argv = ["evaluate", str(tmp_path / "own.keras"), "--data", str(tmp_path / "own")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(model), searches, search)
        assert cli.main([*argv, "--beam-width", "3"]) == cli.main(argv) == 0
    assert widths == [3, None]
    said = capsys.readouterr().out
    assert f"{argv[3]}, a beam of 3\n" in said and f"{argv[3]}\n" in said


def test_blocks_of_a_text_are_as_long_as_it_allows():
    """The second half is hard: an interval of short blocks would not know how little that says."""
    random = np.random.default_rng(0)
    text = "ab" * 5000 + "".join(random.choice(list("ab"), 10_000))
    model = rnnzoo.create_model("char_markov1")
    model.adapt(text)
    strips = model.nats(text)
    assert strips.shape == (32, 2) and strips[:, 1].sum() == len(text) - 1
    first = text[: int(strips[0, 1]) + 1]
    assert strips[0, 0] == pytest.approx(-model.log_prob(first), rel=1e-4)
    (bits,) = of_nats(strips)
    low, high = bits.interval()
    spread = np.std(strips[:, 0] / strips[:, 1]) / math.log(2) / math.sqrt(32)
    assert high - low == pytest.approx(2 * 1.96 * spread, rel=0.15)


def test_a_named_set_is_measured_whole_beside_the_simple_thing(monkeypatch):
    monkeypatch.setattr(datasets, "_ENTRIES", dict(datasets._ENTRIES))

    @rnnzoo.register_dataset("abc", task="text-generation", description="The alphabet.")
    def load(name):
        return Text.from_parts(name, {"train": "abc" * 100, "validation": "abc", "test": "cab"})

    model = rnnzoo.create_model("char_markov1", vocabulary="abc")
    found = rnnzoo.evaluate(model, "abc", split="all")
    assert [each["name"] for each in found["baselines"]] == ["Markov chain of order 5"]
    assert found["odd"][-1].startswith("all of the data: the simple things were fitted to most")
    assert "without" not in found


def test_why_there_is_no_baseline_is_said(run, file, tmp_path):
    model = rnnzoo.load_model(run)
    found = rnnzoo.evaluate(model, file)
    assert found["without"] == "no baseline: nothing says what the model was trained on"


def test_unknown_characters_are_one_symbol_for_the_model_and_the_chain():
    model = rnnzoo.create_model("char_gru", units=4, vocabulary="abcdxyz")
    data = Text(name="few", train="abc" * 50, validation="abdé", test="")
    with pytest.warns(UserWarning, match="1 character"):
        feed = model.feed_class(data, model.preprocessor, vocabulary="keep")
    (chain,) = (baseline.chain for baseline in feed.baselines())
    assert chain.vocabulary == model.vocabulary and chain.vocabulary.size == 8
    (odd,) = feed.odd("validation", None)
    assert odd.startswith("1 of 4 characters are none that the model knows: they count")
    for one in (chain, model):  # of all symbols after ab, the unknown one among them
        logits = one(one.vocabulary.ids("ab")[None])[0, -1].numpy()
        assert np.exp(logits - np.logaddexp.reduce(logits)).sum() == pytest.approx(1, abs=1e-5)
    assert feed.replies(model, "validation")[:, 1].sum() == 3 == chain.nats("abdé")[:, 1].sum()
