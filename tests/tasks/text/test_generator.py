import math

import numpy as np
import pytest

import rnnzoo
from rnnzoo import data
from rnnzoo.layers import GRU, LSTM, RecurrentStack
from rnnzoo.platform import keras, tf
from rnnzoo.tasks import TextGenerator

TEXT = "the cat sat on the mat.\nthe dog sat on the log.\n" * 12


def build(vocabulary=TEXT, dropout=0.0, layers=1, dtype=None):
    keras.utils.set_random_seed(0)
    cells = [LSTM(12, dtype=dtype) for _ in range(layers)]
    return TextGenerator(
        RecurrentStack(cells, dropout=dropout, dtype=dtype), 6, vocabulary, dtype=dtype
    )


@pytest.fixture(scope="module")
def trained():
    model = build(vocabulary=None)
    model.compile(keras.optimizers.Adam(0.02))
    model.fit(TEXT, batch_size=4, window=16, epochs=6, verbose=0)
    return model


def nats(model, text):
    """Reference: -log p of each character after the first, by one unbroken forward pass."""
    ids = model.vocabulary.ids(text)[None]
    log_probs = np.array(tf.nn.log_softmax(model(ids)))[0]
    return -log_probs[np.arange(ids.shape[1] - 1), ids[0, 1:]]


def test_stepped_is_looped(trained):
    ids = trained.vocabulary.ids("the cat")[None]
    state = trained.initial_state(1)
    for t, expected in enumerate(np.array(trained(ids))[0]):
        logits, state = trained.step(ids[:, t], state)
        np.testing.assert_allclose(logits[0], expected, atol=1e-5)


def test_training_learns(trained):
    bits = trained.evaluate(TEXT, verbose=0, return_dict=True)["bits_per_character"]
    assert bits < 0.8 * math.log2(trained.vocabulary.size)


def test_evaluate_is_the_exact_mean_over_characters(trained):
    text = TEXT[:101]  # 100 predictions: not a multiple of 3 rows of 7
    expected = nats(trained, text).mean()
    result = trained.evaluate(text, batch_size=1, window=7, verbose=0, return_dict=True)
    assert result["loss"] == pytest.approx(expected, abs=1e-5)
    assert result["bits_per_character"] == pytest.approx(expected / math.log(2), abs=1e-5)
    assert result["perplexity"] == pytest.approx(math.exp(expected), rel=1e-5)

    strips = [text[i : i + 36] for i in (0, 35, 70)]  # ceil(100 / 21) windows of 7
    expected = np.concatenate([nats(trained, strip) for strip in strips])
    result = trained.evaluate(text, batch_size=3, window=7, verbose=0, return_dict=True)
    assert len(expected) == 100
    assert result["loss"] == pytest.approx(expected.mean(), abs=1e-5)


def test_training_carries_state_across_batches_and_evaluation_leaves_it_alone():
    model = build()
    model.compile(keras.optimizers.SGD(0.0))
    ids = model.vocabulary.ids(TEXT)
    batches = iter(data.contiguous(ids, batch_size=2, window=8))
    state = model.initial_state(2)
    for _ in range(3):
        (x, start), y = next(batches)
        _, state = model(x, state=state, return_state=True)
        model.train_on_batch((x, start), y)
        model.evaluate(TEXT[:50], batch_size=2, window=8, verbose=0)
        for variable, expected in zip(model.carry, state.values(), strict=True):
            np.testing.assert_allclose(variable.numpy(), expected, atol=1e-5)


def test_a_start_flag_resets_its_row_alone():
    model = build()
    model.compile(keras.optimizers.SGD(0.0))
    x = model.vocabulary.ids(TEXT[:16]).reshape(2, 8)
    y = np.roll(x, -1)
    model.train_on_batch((x, np.array([True, True])), y)
    carried = [v.numpy() for v in model.carry]
    model.train_on_batch((x, np.array([True, False])), y)
    for variable, first in zip(model.carry, carried, strict=True):
        np.testing.assert_allclose(variable.numpy()[0], first[0], atol=1e-6)
        assert np.abs(variable.numpy()[1] - first[1]).max() > 1e-4


def test_carry_is_no_weight_and_batch_sizes_may_alternate():
    model = build()
    model.compile(jit_compile=False)
    weights = len(model.weights)
    for batch_size in (2, 3, 2):
        model.fit(TEXT, batch_size=batch_size, window=8, steps_per_epoch=2, verbose=0)
    assert len(model.weights) == weights
    assert [v.shape[0] for v in model.carry] == [2, 2, 3, 3]


@pytest.mark.parametrize("jit_compile", [False, True])
def test_one_training_step_is_the_gradient_of_the_mean_nats(jit_compile):
    model = build()
    model.compile(keras.optimizers.SGD(1.0), jit_compile=jit_compile)
    x = model.vocabulary.ids(TEXT[:16]).reshape(2, 8)
    y = np.roll(x, -1)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, model(x)))
    expected = [
        w - tf.convert_to_tensor(g)
        for w, g in zip(
            model.trainable_weights, tape.gradient(loss, model.trainable_weights), strict=True
        )
    ]
    result = model.train_on_batch((x, np.array([True, True])), y, return_dict=True)
    assert result["loss"] == pytest.approx(float(loss), abs=1e-5)
    for weight, after in zip(model.trainable_weights, expected, strict=True):
        np.testing.assert_allclose(weight.numpy(), after, atol=1e-5)


@pytest.mark.parametrize(
    "dtype", ["mixed_bfloat16", pytest.param("mixed_float16", marks=pytest.mark.slow)]
)
def test_mixed_precision_trains_with_float32_state_and_logits(dtype):
    model = build(dtype=dtype, dropout=0.1)
    history = model.fit(TEXT, batch_size=4, window=16, epochs=2, verbose=0).history
    assert history["loss"][1] < history["loss"][0]
    logits, state = model(np.zeros((2, 3), np.int32), return_state=True)
    assert {t.dtype for t in (logits, *state.values(), *model.carry)} <= {tf.float32, "float32"}
    assert len(model.generate("the", length=5)) == 5


def test_dropout_seeds_are_variables_of_the_model():
    paths = [v.path for v in build(dropout=0.2).variables]
    assert any("seed" in path for path in paths)


def test_greedy_generation_is_the_argmax_of_a_loop_in_python(trained):
    ids = list(trained.vocabulary.ids("the c"))
    for _ in range(12):
        logits = np.array(trained(np.array([ids])))[0, -1]
        ids.append(1 + int(np.argmax(logits[1:])))
    expected = trained.vocabulary.text(ids[5:])
    assert trained.generate("the c", length=12, temperature=0) == expected


def test_prompts_of_different_lengths_and_what_a_seed_decides(trained):
    prompts = ["t", "the cat sat on", "", "the dog"]
    texts = trained.generate(prompts, length=30, seed=5)
    assert [len(text) for text in texts] == [30] * 4
    assert trained.generate(prompts, length=30, seed=5) == texts
    assert trained.generate(prompts, length=30, seed=6) != texts
    # Neither the rows beside it nor the length asked for changes a text.
    assert trained.generate("t", length=70, seed=5)[:30] == texts[0]
    assert trained.generate([*prompts[:2], "cat"], length=10, seed=5)[1] == texts[1][:10]
    # An empty prompt stands for the beginning of a line.
    assert trained.generate(["t", "the cat sat on", "\n"], length=30, seed=5)[2] == texts[2]


def test_generation_options(trained):
    whole = trained.generate("the", length=40)
    assert trained.generate("the", length=40, include_prompt=True) == "the" + whole
    assert trained.generate("the", length=40, stop=[" ", "never"]) == whole.split(" ")[0]
    assert trained.generate("the", length=0) == ""
    assert trained.generate([], length=5) == []
    assert trained.generate(("the",), length=np.int64(40)) == [whole]
    assert trained.generate("the", length=40, top_k=1) == trained.generate(
        "the", length=40, temperature=0
    )
    assert trained.generate("the", length=40, top_k=10**6) == whole


def test_new_lengths_and_settings_trace_nothing_anew(trained):
    trained.generate(["a", "t"], length=3)
    generate = trained.endpoints["generate"]
    before = generate.experimental_get_tracing_count()
    trained.generate("the cat " * 20, length=100, temperature=0.3, top_k=2, top_p=0.5, seed=9)
    assert generate.experimental_get_tracing_count() == before == 1


def test_unknown_characters_are_read_with_a_warning_and_never_written(trained):
    with pytest.warns(UserWarning, match="The prompt holds 1 character.*'é'"):
        text = trained.generate("thé", length=200, temperature=100.0)
    assert "\ufffd" not in text
    assert len(set(text)) > 5


def test_without_a_newline_in_the_vocabulary_an_empty_prompt_still_works():
    generate = build(vocabulary="ab").make_endpoints(xla=False)["generate"]
    (text,) = generate(tf.constant([""]), length=7)["texts"].numpy()
    assert len(text) == 7


def test_labels_that_an_export_cannot_use_are_told_in_its_graph():
    model = rnnzoo.create_model(
        "char_rnn", condition="input", units=4, vocabulary="ab", labels=["one", "other"]
    )
    for name in ("serve", "generate"):
        answer = model.endpoints[name]
        texts, error = tf.constant(["a", "b"]), tf.errors.InvalidArgumentError
        with pytest.raises(error, match="knows one, other; expected some of them, got.*more"):
            answer(texts, tf.constant(["one", "more"]))
        with pytest.raises(error, match=r"(?s)one for each of the texts.*2.*got.*1.*repeat"):
            answer(texts, tf.constant(["one"]))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"prompts": 3}, TypeError, "prompts: expected a string or a list of them, got 3"),
        ({"prompts": ["a", b"b"]}, TypeError, "got b'b' among them"),
        ({"prompts": "\ud800"}, ValueError, "surrogate"),
        ({"length": -1}, ValueError, "length=-1: expected a whole number of at least 0"),
        ({"length": 10**9}, ValueError, "length=1000000000: expected at most"),
        ({"length": 2.5}, TypeError, "length=2.5: expected a whole number"),
        ({"temperature": -0.1}, ValueError, "temperature=-0.1: expected a number of at least 0"),
        ({"temperature": float("nan")}, ValueError, "temperature=nan"),
        ({"temperature": "hot"}, TypeError, "temperature='hot': expected a number"),
        ({"top_k": -3}, ValueError, "top_k=-3"),
        ({"top_p": 0}, ValueError, "expected 0 < top_p <= 1"),
        ({"top_p": 1.1}, ValueError, "expected 0 < top_p <= 1"),
        ({"seed": None}, TypeError, "seed=None: expected a whole number"),
        ({"stop": ""}, ValueError, "stop holds an empty string"),
        ({"stop": 5}, TypeError, "stop: expected a string"),
    ],
)
def test_generation_errors(trained, arguments, error, message):
    with pytest.raises(error, match=message):
        trained.generate(**{"prompts": "the", **arguments})


def test_prompts_too_large_are_refused(trained):
    with pytest.raises(ValueError, match="at most 4,194,304 characters in a prompt, got 4,194,305"):
        trained.generate(["a", "a" * (4**11 + 1)])
    with pytest.raises(ValueError, match="at most 262,144 prompts, got 262,145"):
        trained.generate([""] * (4**9 + 1))


def test_log_prob_is_the_sum_over_all_but_the_first_character(trained):
    texts = ["the cat", "sat", "t", ""]
    scores = trained.log_prob(texts, batch_size=3)
    assert scores.shape == (4,)
    expected = [-nats(trained, text).sum() if len(text) > 1 else 0.0 for text in texts]
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    assert trained.log_prob("the cat") == pytest.approx(scores[0], abs=1e-5)
    assert trained.log_prob([]).shape == (0,)


def test_without_a_vocabulary_every_use_says_what_to_do():
    model = build(vocabulary=None)
    for use in (
        lambda: model.generate("a"),
        lambda: model.log_prob("a"),
        lambda: model.evaluate("ab"),
        lambda: model(np.zeros((1, 1), np.int32)),
        lambda: model.fit(data.contiguous(np.zeros(99, np.int32), 2, 5), steps_per_epoch=1),
    ):
        with pytest.raises(ValueError, match="knows no characters yet: fit it on raw data"):
            use()


def test_adapting_keeps_what_is_known():
    model = build(vocabulary="bdfhjl")  # 7 ids: not the width of a layer
    before = model.log_prob("hdbfj")
    logits = np.array(model(model.vocabulary.ids("hd?b")[None]))
    model.adapt(["ace", "h"])
    assert model.vocabulary.characters == "\nabcdefhjl"
    after = np.array(model(model.vocabulary.ids("hd?b")[None]))
    old = [0, *model.vocabulary.ids("bdfhjl")]
    np.testing.assert_allclose(after[..., old], logits, atol=1e-6)
    assert model.log_prob("hdbfj") < before  # the new characters have some probability


def deep(vocabulary):
    keras.utils.set_random_seed(0)
    recurrent = RecurrentStack([GRU(8), GRU(5)], skip=True)
    return TextGenerator(recurrent, 6, vocabulary, hidden_units=7)


def test_a_deep_output_is_a_layer_before_the_logits():
    model = deep("abc")
    (V, c), (W, b) = model.hidden.get_weights(), model.output_layer.get_weights()
    ids = np.array([[1, 3, 2]])
    h, _ = model.recurrent(model.embedding(ids))
    np.testing.assert_allclose(model(ids), np.tanh(h @ V + c) @ W + b, atol=1e-5)


def test_a_deep_output_stays_when_characters_come():
    model = deep("bdfhjl")
    hidden, ids = model.hidden.get_weights(), model.vocabulary.ids("hdb")[None]
    logits = np.array(model(ids))
    model.adapt("ace")
    ids = model.vocabulary.ids("hdb")[None]
    old = [0, *model.vocabulary.ids("bdfhjl")]
    np.testing.assert_allclose(np.array(model(ids))[..., old], logits, atol=1e-6)
    for before, now in zip(hidden, model.hidden.get_weights(), strict=True):
        np.testing.assert_array_equal(now, before)
    # In the order of a new model, in which optimizers are saved.
    again = deep(model.vocabulary.characters)
    shapes = [w.shape for w in model.trainable_weights]
    assert shapes == [w.shape for w in again.trainable_weights]


@pytest.mark.slow
def test_a_deep_output_trains_is_saved_and_streams(tmp_path):
    model = deep(None)
    history = model.fit(TEXT, batch_size=4, window=16, epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    test_stepped_is_looped(model)
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert loaded.generate("the", length=9) == model.generate("the", length=9)
    model.fit("new: ÄÖ.\n" * 20, batch_size=2, window=10, epochs=1, verbose=0)


def test_adapting_works_where_vocabulary_and_layer_are_as_wide():
    model = build(vocabulary="bdfhjlnprtv")  # 12 ids, 12 units
    logits = np.array(model(model.vocabulary.ids("bdv")[None]))
    model.adapt("a")
    after = np.array(model(model.vocabulary.ids("bdv")[None]))
    np.testing.assert_allclose(np.delete(after, 1, axis=-1), logits, atol=1e-6)


@pytest.mark.slow
def test_fine_tuning_on_text_with_new_characters(tmp_path, trained):
    trained.save(tmp_path / "m.keras")
    model = keras.models.load_model(tmp_path / "m.keras")
    model.generate("the", length=3)
    text = "die Größe zählt.\n" * 20
    before = model.optimizer.learning_rate.numpy()
    history = model.fit(text, batch_size=2, window=10, epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert not model.vocabulary.unknown(text + TEXT)
    assert model.optimizer.learning_rate.numpy() == before
    assert len(model.optimizer.variables) > 2 * len(model.trainable_variables)

    model.save(tmp_path / "tuned.keras")  # with the optimizer's state in its order
    again = keras.models.load_model(tmp_path / "tuned.keras")
    for a, b in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert again.generate("die", length=20) == model.generate("die", length=20)


def test_saved_and_loaded_is_equal(tmp_path, trained):
    trained.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert loaded.vocabulary == trained.vocabulary
    assert loaded.compiled
    ids = trained.vocabulary.ids("the cat")[None]
    np.testing.assert_array_equal(np.array(loaded(ids)), np.array(trained(ids)))


def test_arrays_are_no_data_to_fit(trained):
    ids = np.zeros((2, 8), np.int32)
    dataset = data.in_order(ids.ravel(), 2, 4)
    expected = "Expected a text, a list of texts, or a dataset of rnnzoo.data .* got "
    with pytest.raises(TypeError, match=expected + "ndarray and y of ndarray"):
        trained.fit(ids, ids)
    with pytest.raises(TypeError, match=expected + "str and y of str"):
        trained.fit(TEXT, TEXT)
    with pytest.raises(TypeError, match=expected + "tuple"):
        trained.fit(TEXT, validation_data=(ids, ids))
    with pytest.raises(TypeError, match=expected + "ndarray"):
        trained.evaluate(ids)
    with pytest.raises(TypeError, match="leave y out, a ndarray"):
        trained.evaluate(dataset, ids)


def test_fit_wants_text_long_enough():
    with pytest.raises(ValueError, match="shorter than one window of 64"):
        build().fit("the cat", window=64)


@pytest.mark.filterwarnings("error:The validation text")  # so nothing is trained after it
def test_validation_text_with_unknown_characters_is_said(trained):
    with pytest.raises(UserWarning, match="The validation text holds 1 character"):
        trained.fit(TEXT, validation_data="the €", verbose=0)


def test_two_layers_of_another_cell():
    model = TextGenerator(RecurrentStack([GRU(8), GRU(5)]), 4, "ab\n")
    state = model.initial_state(2)
    assert {name: h.shape for name, h in state.items()} == {
        "layer_0_h": (2, 8),
        "layer_1_h": (2, 5),
    }
    logits, after = model.step(np.array([1, 2]), state)
    assert logits.shape == (2, 4)
    assert list(after) == list(state)


def test_summary_and_plain_keras_use():
    lines = []
    model = build()
    model.summary(print_fn=lines.append)
    assert "Total params" in "\n".join(lines)
    assert model(np.zeros((2, 3), np.int32)).shape == (2, 3, 16)
    assert keras.models.clone_model(model).vocabulary == model.vocabulary
