import json
import os
import subprocess
import sys

import numpy as np
import pytest

import rnnzoo
from rnnzoo.layers import GRU, LSTM, RecurrentStack, SkipDelayRNN
from rnnzoo.platform import keras, tf
from rnnzoo.tasks import TextGenerator

VOCABULARY = "\n abcdeé"

# What a process does that has TensorFlow and nothing of ours.
CLIENT = """
import json, sys
sys.modules["keras"] = sys.modules["rnnzoo"] = None  # importing either fails from here on
import tensorflow as tf

loaded = tf.saved_model.load(sys.argv[1])
signatures = loaded.signatures
prompts = tf.constant(["ab", "", "dééc"])
one_by_one = signatures["generate"](
    prompts=prompts, length=tf.constant(100), temperature=tf.constant(0.7),
    top_k=tf.constant(4), top_p=tf.constant(0.9), seed=tf.constant(3, tf.int64),
)
state, log_prob = loaded.init(2), tf.zeros(2)
ids = signatures["encode"](texts=tf.constant(["abba", "cé c"]))["ids"]
for t in range(3):
    answer = signatures["step"](ids=ids[:, t], **state)
    log_prob += tf.gather(answer.pop("log_probs"), ids[:, t + 1], batch_dims=1)
    state = answer
print(json.dumps({
    "text": [text.decode() for text in one_by_one["texts"].numpy()],
    "defaults": [text.decode() for text in loaded.generate(prompts)["texts"].numpy()],
    "stepped": log_prob.numpy().tolist(),
    "served": signatures["serving_default"](
        texts=tf.constant(["abba", "cé c", "a", ""]))["log_prob"].numpy().tolist(),
    "imported": [name for name in ("keras", "rnnzoo") if sys.modules.get(name)],
}))
"""


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    stack = RecurrentStack([LSTM(7), SkipDelayRNN(6, delays=(1, 3)), GRU(5)], dropout=0.2)
    return TextGenerator(stack, 4, VOCABULARY)


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    return rnnzoo.export(model, tmp_path_factory.mktemp("export") / "deep" / "saved_model")


@pytest.fixture(scope="module")
def plain(model, tmp_path_factory):
    return rnnzoo.export(model, tmp_path_factory.mktemp("plain") / "saved_model", xla=False)


def meta_graph(folder):
    from tensorflow.core.protobuf import saved_model_pb2

    content = (folder / "saved_model.pb").read_bytes()
    return saved_model_pb2.SavedModel.FromString(content).meta_graphs[0]


def nodes(graph):
    functions = graph.graph_def.library.function
    return [*graph.graph_def.node, *(node for f in functions for node in f.node_def)]


def compiled_by_xla(graph):
    """Functions, and calls of them, that XLA must compile."""
    all_of_them = [*graph.graph_def.library.function, *nodes(graph)]
    return [x for x in all_of_them if x.attr["_XlaMustCompile"].b]


def test_a_process_without_keras_and_rnnzoo_gets_what_python_gets(model, folder):
    client = subprocess.run(
        [sys.executable, "-c", CLIENT, str(folder)], capture_output=True, text=True, check=False
    )
    assert client.returncode == 0, client.stderr
    assert "custom gradient" not in client.stderr
    answer = json.loads(client.stdout)
    prompts = ["ab", "", "dééc"]
    how = {"length": 100, "temperature": 0.7, "top_k": 4, "top_p": 0.9, "seed": 3}
    assert answer["text"] == model.generate(prompts, **how)
    assert answer["defaults"] == model.generate(prompts)
    assert answer["imported"] == []
    expected = model.log_prob(["abba", "cé c", "a", ""])
    np.testing.assert_allclose(answer["served"], expected, atol=1e-5)
    np.testing.assert_allclose(answer["stepped"], expected[:2], atol=1e-5)


def test_weights_are_stored_once(model, folder):
    data = sum(path.stat().st_size for path in (folder / "variables").glob("*.data*"))
    assert 4 * model.count_params() <= data < 4 * model.count_params() + 4000
    names = [name for name, _ in tf.train.list_variables(str(folder / "variables/variables"))]
    assert len(names) <= len(model.weights) + 1  # and the object graph


def test_without_xla_all_is_plain_graphs_that_answer_the_same(model, folder, plain):
    assert compiled_by_xla(meta_graph(folder))
    assert not compiled_by_xla(meta_graph(plain))
    loaded = tf.saved_model.load(plain)
    how = {"length": 100, "temperature": 0.7, "top_k": 4, "top_p": 0.9, "seed": 3}
    texts = loaded.generate(tf.constant(["ab", "", "dééc"]), **how)["texts"].numpy()
    assert [text.decode() for text in texts] == model.generate(["ab", "", "dééc"], **how)


def test_no_operation_needs_cudnn_or_a_table(folder, plain):
    operations = {node.op for f in (folder, plain) for node in nodes(meta_graph(f))}
    assert "MatMul" in operations
    assert not [op for op in operations if "Cudnn" in op or "HashTable" in op]


def test_the_signature_holds_defaults(folder):
    signature = meta_graph(folder).signature_def["generate"]
    assert set(signature.defaults) == {"length", "temperature", "top_k", "top_p", "seed"}
    assert signature.defaults["length"].int_val == [200]
    assert signature.method_name == "tensorflow/serving/predict"


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"length": -1}, "length: expected at least 0"),
        ({"temperature": -1.0}, "temperature: expected at least 0"),
        ({"top_p": 0.0}, "top_p: expected more than 0"),
        ({"length": 2**30}, "at most 4194304 fit"),
    ],
)
def test_endpoints_refuse_bad_values(model, argument, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        model.endpoints["generate"](tf.constant(["a"]), **argument)


def test_an_export_is_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "saved_model"
    tf.saved_model.save(tf.Module(), folder)
    (folder / "assets").mkdir(exist_ok=True)
    (folder / "assets" / "of_the_first.txt").touch()
    TextGenerator(RecurrentStack([GRU(3)]), 2, "xyz").export(folder, xla=False)
    loaded = tf.saved_model.load(folder)
    assert loaded.step(tf.constant([0]), loaded.init(1))["log_probs"].shape == (1, 4)
    assert list(tmp_path.iterdir()) == [folder]
    assert not (folder / "assets" / "of_the_first.txt").exists()


def test_an_export_that_fails_leaves_the_one_before(model, tmp_path, monkeypatch):
    folder = tmp_path / "saved_model"
    folder.mkdir()
    (folder / "saved_model.pb").write_text("the one before")
    rename = os.replace

    def refuse_the_new_one(source, target):
        if source.name == "new":
            raise OSError("no space left")
        rename(source, target)

    monkeypatch.setattr(os, "replace", refuse_the_new_one)
    with pytest.raises(OSError, match="no space left"):
        rnnzoo.export(model, folder)
    assert (folder / "saved_model.pb").read_text() == "the one before"
    assert list(tmp_path.iterdir()) == [folder]


def test_other_folders_are_left_alone(model, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match="exists and is no SavedModel"):
        rnnzoo.export(model, tmp_path)
    with pytest.raises(FileExistsError, match="is no SavedModel"):
        rnnzoo.export(model, tmp_path / "thesis.txt")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_only_tasks_are_exported(tmp_path):
    with pytest.raises(TypeError, match="Sequential has no endpoints to export"):
        rnnzoo.export(keras.Sequential([keras.layers.Dense(1)]), tmp_path / "x")
    with pytest.raises(ValueError, match="knows no characters yet"):
        rnnzoo.export(TextGenerator(RecurrentStack([GRU(3)])), tmp_path / "x")
    assert not any(tmp_path.iterdir())
