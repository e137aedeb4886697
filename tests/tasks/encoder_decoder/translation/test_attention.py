"""Translators that look back at the source while they write."""

import contextlib

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cli
from rnnzoo.platform import keras, tf

TINY = {"units": 24, "embedding_size": 16, "layers": 1, "dropout": 0.0, "label_smoothing": 0.0}
WORDS = {"words": {"ein": 3, "hund": 1}, "source_words": {"a": 3, "dog": 1, "two": 1}}
SOURCES, TARGETS = ["a dog", "two dog two a dog", "two"], ["ein hund", "hund", "hund ein ein"]
LETTERS = np.array(list("abcdefghijkl"))


def untrained(**options):
    keras.utils.set_random_seed(0)
    words = {"pieces": None, **WORDS}
    model = rnnzoo.create_model("translate_attention_gru", **{**TINY, **words, **options})
    for weight in model.trainable_weights:  # as new, what is looked at is nearly all the same
        weight.assign(weight + 0.3 * keras.random.normal(weight.shape, seed=weight.shape[-1]))
    model.bias.assign(tf.tensor_scatter_nd_update(model.bias, [[2]], [-3.0]))  # EOS not at once
    return model


@pytest.fixture(scope="module")
def model():
    """One for all who ask only, as it takes its time to compile what answers."""
    return untrained(condition="both")


def batch_of(model):
    return {
        "sources": model.source_vocabulary.encode(tf.constant(SOURCES)).to_tensor(2),
        "ids": model.vocabulary.encode(tf.constant(TARGETS)).to_tensor(2),
    }


def reversals(count, seed):
    """Words of random letters, and the same from their end."""
    random = np.random.default_rng(seed)
    words = [random.choice(LETTERS, random.integers(4, 9)) for _ in range(count)]
    return [" ".join(word) for word in words], [" ".join(word[::-1]) for word in words]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"attention": "additive", "tied": False, "condition": "both", "cell": "lstm", "layers": 2},
        {"bidirectional": False, "reverse_source": True, "condition": "input", "shared": True},
        {"layers": 2},
        {"feeding": False, "layers": 2, "attention": "general"},
        pytest.param({"cell": "skip", "shared": True}, marks=pytest.mark.slow),
        pytest.param({"cell": "leaky", "reverse_source": True}, marks=pytest.mark.slow),
        pytest.param({"cell": "rnn", "condition": "both"}, marks=pytest.mark.slow),
    ],
)
def test_one_word_at_a_time_is_all_words_at_once(options):
    if options.get("shared"):
        options = {**options, "source_words": None}
    model = untrained(**options)
    batch = batch_of(model)
    logits, weights = model(batch), model.alignments(batch)
    state, word = model.start(tf.constant(SOURCES)), tf.constant([1, 1, 1])
    assert state.keys() == model.state_spec.keys()
    for t in range(batch["ids"].shape[1]):
        x = model._beside(model.embedding(word), state.get("context"))
        looked = model._decoded(model.decoder.step, x, state)[2]
        np.testing.assert_allclose(looked, weights[:, t], atol=1e-5)
        stepped, state = model.step(word, state)
        np.testing.assert_allclose(stepped, logits[:, t], atol=1e-5)
        word = batch["ids"][:, t]


def test_the_lowest_layer_looks_where_there_are_two_and_the_highest_unless_it_is_fed():
    fed, not_fed = (untrained(layers=2, feeding=feeding) for feeding in (None, False))
    units = TINY["units"]
    assert fed.decoder.between == units and not_fed.decoder.between == 0
    of_layer = [layer.cell.get_weights()[0].shape[0] for layer in fed.decoder.layers]
    assert of_layer == [TINY["embedding_size"], 2 * units]
    batch = batch_of(fed)
    for model, which in ((fed, 0), (not_fed, 1)):
        state = model.encode(batch)
        x = model.embedding(tf.pad(batch["ids"][:, :-1], [[0, 0], [1, 0]], constant_values=1))
        h = model.decoder.layers[0](x, initial_state=state["layer_0_h"])[0]
        if which:
            h = model.decoder.layers[1](h, initial_state=state["layer_1_h"])[0]
        weights = model.attention(h, state)[1]
        np.testing.assert_allclose(model.alignments(batch), weights, atol=1e-5)


def test_a_sentence_is_answered_the_same_beside_longer_ones(model):
    log_probs, aligned = model.log_prob(SOURCES, TARGETS), model.align(SOURCES, TARGETS)
    states, written = model.states(SOURCES), model.aligned(SOURCES, max_words=5)
    for i, (source, target) in enumerate(zip(SOURCES, TARGETS, strict=True)):
        np.testing.assert_allclose(model.log_prob([source], [target]), log_probs[[i]], atol=1e-5)
        np.testing.assert_allclose(model.states([source]), states[[i]], atol=1e-6)
        for found, (alone,) in (
            (aligned[i], model.align([source], [target])),
            (written[i], model.aligned([source], max_words=5)),
        ):
            assert alone.target == found.target
            np.testing.assert_allclose(alone.weights, found.weights, atol=1e-5)


def test_each_row_of_an_alignment_is_spread_over_the_tokens_of_its_own_source(model):
    translations, alignments = model.predict(SOURCES, alignments=True)
    assert translations == model.predict(SOURCES) == [of.target for of in alignments]
    for source, of in zip(SOURCES, alignments, strict=True):
        assert of.source_tokens == (*source.split(), "</s>") and of.target_tokens[-1] == "</s>"
        assert " ".join(of.target_tokens[:-1]) == of.target
        assert of.weights.shape == (len(of.target_tokens), len(of.source_tokens))
        np.testing.assert_allclose(of.weights.sum(axis=1), 1, atol=1e-6)
        assert np.ptp(of.weights, axis=1).min() > 1e-3
        same = model.align([source], [of.target])[0].weights
        np.testing.assert_allclose(of.weights, same, atol=1e-5)


def test_columns_are_in_the_order_of_the_source_also_where_that_is_read_from_its_end():
    backwards, forwards = (
        untrained(bidirectional=False, reverse_source=reverse) for reverse in (True, False)
    )
    ids = tf.constant([[3, 4, 2]])
    of = backwards.alignments({"sources": tf.constant([[5, 4, 3, 2, 2]]), "ids": ids})
    other = forwards.alignments({"sources": tf.constant([[3, 4, 5, 2, 2]]), "ids": ids})
    np.testing.assert_allclose(of, tf.gather(other, [2, 1, 0, 3, 4], axis=-1), atol=1e-6)
    assert not np.any(of[..., 4]) and np.ptp(of[..., :4], axis=-1).min() > 1e-3


def test_what_is_written_depends_on_what_is_looked_at(model):
    state = model.start(tf.constant(["a dog"]))
    other = {**state, "memory": -state["memory"]}
    (logits, _), (changed, _) = (model.step(tf.constant([1]), of) for of in (state, other))
    assert np.abs(logits - changed).max() > 1e-2


def test_own_output_vectors_are_trained_kept_and_carried_over():
    model = untrained(tied=False)
    model.adapt(SOURCES, TARGETS)
    batch, before = batch_of(model), model.own_output_words.get_weights()[0]
    with tf.GradientTape() as tape:
        weight = tf.ones(batch["ids"].shape)
        loss, _ = model.loss_and_answers(batch, batch["ids"], weight, training=True)
    assert np.abs(tape.gradient(loss, model.own_output_words.trainable_weights[0])).max() > 1e-3
    assert model.vocabulary.shown[3] == "ein"
    model.adapt(["a", "a"], ["auch", "auch"])  # comes before the words that are known
    assert model.vocabulary.shown[4] == "ein"
    np.testing.assert_array_equal(model.own_output_words.get_weights()[0][4], before[3])
    names = [layer.name for layer in model.layers]
    assert names == [layer.name for layer in model.from_config(model.get_config()).layers]


@pytest.mark.parametrize("options", [{}, {"attention": "additive", "tied": False, "layers": 2}])
def test_made_again_from_its_config_it_writes_and_looks_the_same(options):
    model = untrained(**options)
    again = type(model).from_config(model.get_config())
    again.set_weights(model.get_weights())
    for answer in (type(model).call, type(model).alignments):
        np.testing.assert_array_equal(
            answer(again, batch_of(model)), answer(model, batch_of(model))
        )


@pytest.mark.slow
def test_saved_and_exported_it_answers_and_aligns_the_same(model, tmp_path, capsys):
    sources = tf.constant(SOURCES)
    model.save(tmp_path / "model.keras")
    loaded = rnnzoo.load_model(tmp_path / "model.keras")
    exported = tf.saved_model.load(model.export(tmp_path / "exported", xla=False))
    for name, given in {
        "serve": (sources,),
        "serve_aligned": (sources,),
        "align": (sources, tf.constant(TARGETS)),
    }.items():
        expected = model.endpoints[name](*given)
        for reply in (loaded.endpoints[name](*given), getattr(exported, name)(*given)):
            for key, value in expected.items():
                if value.dtype == tf.string:
                    np.testing.assert_array_equal(reply[key], value)
                else:
                    np.testing.assert_allclose(reply[key], value, atol=1e-5)
    state, logits = exported.init(sources), None
    assert state.keys() == model.state_spec.keys()
    for word in ([1, 1, 1], [3, 4, 3]):
        reply = exported.step(tf.constant(word), state)
        state = {name: reply[name] for name in state}
    expected = model.start(sources)
    for word in ([1, 1, 1], [3, 4, 3]):
        logits, expected = model.step(tf.constant(word), expected)
    np.testing.assert_allclose(reply["log_probs"], tf.nn.log_softmax(logits), atol=1e-5)

    # The command line answers as Python does, and draws a picture for each line.
    (tmp_path / "lines.txt").write_text("a dog\n\ntwo\n")
    same = "a dog " * 9
    given = ["predict", "model.keras", "lines.txt", f"{same}!", f"{same}?"]
    with contextlib.chdir(tmp_path):
        assert cli.main([*given, "--alignments", "drawn"]) == 0
    first, last, *more = model.translate(["a dog", "two", *given[-2:]])
    assert capsys.readouterr().out.splitlines() == [first, "", last, *more]
    drawn = {file.name for file in (tmp_path / "drawn").iterdir()}
    assert drawn > {"lines-1.png", "lines-3.png"}
    assert len(drawn) == 4 and all(name.startswith(("lines-", "a-dog-a-dog-")) for name in drawn)


def test_half_precision_answers_nearly_the_same(model):
    half = untrained(dtype="mixed_bfloat16", condition="both")
    half.set_weights(model.get_weights())
    state = half.start(tf.constant(SOURCES))
    assert {value.dtype.name for value in state.values()} == {"float32"}
    log_p, expected = (tf.nn.log_softmax(m(batch_of(model))) for m in (half, model))
    np.testing.assert_allclose(log_p, expected, atol=0.1)
    assert half.alignments(batch_of(half)).dtype == "float32"


def test_a_last_batch_that_is_short_counts_as_much_as_it_holds(model):
    model.compile()
    of_all = model.evaluate(SOURCES, TARGETS, batch_size=3, verbose=0, return_dict=True)
    in_parts = model.evaluate(SOURCES, TARGETS, batch_size=2, verbose=0, return_dict=True)
    assert in_parts["perplexity"] == pytest.approx(of_all["perplexity"], rel=1e-5)


def test_of_a_source_without_a_known_word_nothing_is_aligned(model, tmp_path):
    with pytest.warns(UserWarning, match="1 of 2 sources hold no word that the model knows"):
        (unknown, known) = model.aligned(["zebra", "dog"])
    assert unknown.target == "\N{REPLACEMENT CHARACTER}" and unknown.weights.shape == (0, 2)
    assert unknown.pairs() == [] and len(known.weights)
    with pytest.raises(ValueError, match="nothing was written of the source"):
        unknown.draw(tmp_path / "nothing.png")


def test_a_decoder_that_sees_something_else_between_its_layers_is_refused():
    model = untrained(layers=2)
    for attention, sizes in (("general", "0 or 24"), (None, "0")):
        config = {**model.get_config(), "attention": attention}
        config["decoder"] = keras.saving.serialize_keras_object(
            rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(24) for _ in range(2)], between=5)
        )
        with pytest.raises(ValueError, match=f"see 5 numbers between them; .*between={sizes},"):
            type(model).from_config(config)


def test_without_attention_there_is_nothing_to_align():
    model = untrained(attention=None)
    assert {"align", "serve_aligned"}.isdisjoint(model.endpoints)
    for call in (model.aligned, lambda x: model.predict(x, alignments=True)):
        with pytest.raises(ValueError, match="the model has no attention: expected one made with"):
            call(["a dog"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attention": "dot"}, "attention='dot': expected None, 'general', 'scaled' or 'additive'"),
        ({"bidirectional": 1}, "bidirectional=1: expected True or False"),
        ({"tied": None}, "tied=None: expected True or False"),
        ({"feeding": 1}, "feeding=1: expected None, True or False"),
        ({"feeding": 0.5}, "feeding=0.5: expected None, True or False"),
        ({"feeding": True, "layers": 1}, "feeding=True with .*layers=1: expected .*two layers"),
        ({"feeding": True, "attention": None}, "feeding=True with attention=None"),
        ({"units": 5}, "units=5: expected an even number where bidirectional"),
    ],
)
def test_options_that_are_none(options, message):
    with pytest.raises(ValueError, match=message):
        rnnzoo.create_model("translate_attention_gru", **options)


@pytest.mark.slow
@pytest.mark.parametrize("attention", ["general", "scaled", "additive"])
def test_learns_to_turn_words_round_where_a_translator_without_does_not(attention):
    pairs, asked, right = reversals(1500, seed=1), {}, reversals(60, seed=2)
    for name, options in (
        # Both sides are of the same letters.
        ("translate_attention_gru", {"attention": attention, "shared": True}),
        ("translate_gru", {}),
    ):
        keras.utils.set_random_seed(0)
        model = rnnzoo.create_model(name, **TINY | {"units": 48} | options)
        model.compile(keras.optimizers.Adam(0.01))
        model.fit(*pairs, epochs=8, batch_size=32, verbose=0)
        asked[name] = np.mean(np.array(model.translate(right[0])) == np.array(right[1]))
    assert asked["translate_attention_gru"] > 0.9 and asked["translate_gru"] < 0.5, asked
