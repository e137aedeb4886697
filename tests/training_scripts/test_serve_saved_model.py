"""The server is a real process, without keras and rnnzoo, asked as any client would."""

import base64
import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import tf
from training_scripts import serve_saved_model

# Runs the script named first as if it were called directly, where importing either fails.
ALONE = "import runpy, sys; sys.modules['keras'] = sys.modules['rnnzoo'] = None; sys.argv.pop(0); "
ALONE += "runpy.run_path(sys.argv[0], run_name='__main__')"


@pytest.fixture(scope="module")
def model():
    return rnnzoo.create_model("char_lstm2", units=8, embedding_size=4, vocabulary="\n abcdé")


@pytest.fixture(scope="module")
def url(model, tmp_path_factory):
    folder = model.export(tmp_path_factory.mktemp("served") / "saved_model")
    command = [sys.executable, "-c", ALONE, serve_saved_model.__file__, folder]
    process = subprocess.Popen(
        [*command, "--name", "tiny", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    yield process.stdout.readline().strip()
    process.terminate()
    process.wait()


def ask(url, request=None):
    """Status and content of the answer to a GET, or to a POST of the request."""
    data = None if request is None else json.dumps(request).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def predict(url, signature, **request):
    status, content = ask(f"{url}:predict", {"signature_name": signature, **request})
    assert status == 200, content
    return content


def test_status(url):
    assert url.endswith("/v1/models/tiny")
    status, content = ask(url)
    assert status == 200
    assert content["model_version_status"][0]["state"] == "AVAILABLE"


def test_generate_writes_what_python_writes(model, url):
    how = {"length": 50, "temperature": 0.8, "top_k": 5, "top_p": 0.9, "seed": 7}
    prompts = ["abé", "", "d\nc"]
    expected = model.generate(prompts, **how)
    assert predict(url, "generate", inputs={"prompts": prompts, **how}) == {"outputs": expected}
    # The defaults hold; the only input without one needs no name.
    expected = {"predictions": model.generate(prompts)}
    assert predict(url, "generate", instances=prompts) == expected
    assert predict(url, "generate", instances=[{"prompts": p} for p in prompts]) == expected


def test_serve_by_column_and_by_row(model, url):
    texts = ["abba", "cé c", "a"]
    expected = model.log_prob(texts)
    outputs = predict(url, "serve", inputs={"texts": texts})["outputs"]
    np.testing.assert_allclose(outputs["log_prob"], expected, atol=1e-5)
    _, content = ask(f"{url}:predict", {"instances": texts})
    rows = content["predictions"]
    np.testing.assert_allclose([row["log_prob"] for row in rows], expected, atol=1e-5)
    assert [row["ids"] for row in rows] == outputs["ids"]


def test_a_stream_of_steps_scores_as_the_whole_text(model, url):
    text = "abbé cd"
    (ids,) = predict(url, "encode", inputs=[text])["outputs"]["ids"]
    state = predict(url, "init", inputs={"batch_size": 1})["outputs"]
    log_prob = 0.0
    for now, after in zip(ids[:-1], ids[1:], strict=True):
        answer = predict(url, "step", inputs={"ids": [now], **state})["outputs"]
        log_prob += answer["log_probs"][0][after]
        state = {name: value for name, value in answer.items() if name != "log_probs"}
    assert log_prob == pytest.approx(model.log_prob(text), abs=1e-4)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"inputs": {"prompts": ["a"], "length": "x"}}, 'length is "x": expected int32 of shape'),
        ({"inputs": {"prompts": ["a"], "length": 2**40}}, "expected int32"),
        ({"inputs": {"prompts": ["a"], "length": -1}}, "length: expected at least 0"),
        ({"inputs": {"prompts": "a"}}, 'prompts is "a": expected string of shape (None,)'),
        ({"inputs": {"prompt": ["a"]}}, "expected values of"),
        ({"inputs": {"length": 5}}, "expected values of"),
        ({"instances": [{"prompts": "a"}, {}]}, 'prompts is ["a", null]'),
        ({"instances": 5}, "instances is 5: expected a list of rows"),
        ({"inputs": ["a"], "instances": ["a"]}, 'with either "inputs" or "instances"'),
        ({}, 'with either "inputs" or "instances"'),
        ({"signature_name": "sing", "inputs": ["a"]}, "no signature 'sing': expected one of"),
        ([1], "expected a JSON object"),
    ],
)
def test_a_bad_request_is_answered_with_what_is_expected(url, request_, message):
    if isinstance(request_, dict):
        request_ = {"signature_name": "generate", **request_}
    status, content = ask(f"{url}:predict", request_)
    assert status == 400
    assert message in content["error"]


def test_other_addresses_are_not_found(url):
    assert ask(f"{url}x")[0] == 404
    status, content = ask(f"{url}x:predict", {})
    assert (status, content) == (
        404,
        {"error": "no /v1/models/tinyx:predict: expected /v1/models/tiny:predict"},
    )


@pytest.mark.parametrize("port", [None, 70_000])
def test_a_port_that_cannot_be_had(tmp_path, monkeypatch, capsys, port):
    (tmp_path / "saved_model.pb").touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = port or taken.getsockname()[1]
        monkeypatch.setattr(sys, "argv", ["serve", str(tmp_path), "--port", str(port)])
        with pytest.raises(SystemExit, match="2"):
            serve_saved_model.main()
    assert f"error: --port {port}: " in capsys.readouterr().err


def test_a_folder_that_is_no_saved_model(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["serve", str(tmp_path)])
    with pytest.raises(SystemExit, match="2"):
        serve_saved_model.main()
    assert "is not a SavedModel" in capsys.readouterr().err


def test_bytes_come_as_base64(tmp_path):
    captioner = rnnzoo.create_model(
        "caption_gru", units=4, embedding_size=4, size=8, filters=(2,), words={"a": 1, "dog": 1}
    )
    signatures = serve_saved_model.load(captioner.export(tmp_path / "saved_model"))
    picture = np.random.default_rng(0).integers(0, 255, (9, 12, 3)).astype(np.uint8)
    png = base64.b64encode(tf.io.encode_png(picture).numpy()).decode()
    request = {"signature_name": "serve_encoded", "inputs": {"images": [{"b64": png}], "width": 2}}
    reply = serve_saved_model.predict(signatures, serve_saved_model.parsed(json.dumps(request)))
    (expected,) = captioner.captions([picture], beam_width=2)
    sentences = [sentence.decode() for sentence in reply["outputs"]["sentences"][0]]
    assert sentences == [sentence for sentence, _ in expected]
    with pytest.raises(ValueError, match=r'seed is \["2 bytes"\]: expected int64'):
        serve_saved_model.tensor("seed", [b"ab"], tf.TensorSpec([], tf.int64))
