"""The server is a real process, without keras and rnnzoo, asked as any client would."""

import base64
import collections
import contextlib
import http.client
import json
import signal
import socket
import struct
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import tf
from training_scripts import generate_from_saved_model, serve_saved_model

# Runs the script named first as if it were called directly, where importing either fails.
ALONE = "import runpy, sys; sys.modules['keras'] = sys.modules['rnnzoo'] = None; sys.argv.pop(0); "
ALONE += "runpy.run_path(sys.argv[0], run_name='__main__')"


@pytest.fixture(scope="module")
def model():
    return rnnzoo.create_model("char_lstm2", units=8, embedding_size=4, vocabulary="\n abcdé")


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    return model.export(tmp_path_factory.mktemp("served") / "saved_model")


@pytest.fixture(scope="module")
def url(folder):
    process = started(folder, "--name", "tiny")
    yield process.stdout.readline().strip()
    process.terminate()
    # Whatever the tests of this file have asked, no line of the server's or of TensorFlow's.
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


def started(folder, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", ALONE, serve_saved_model.__file__, folder, "--port=0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


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


@pytest.mark.slow
def test_null_among_numbers_is_missing(tmp_path):
    x = np.array([[[1.0], [np.nan], [3.0]], [[np.nan], [2.0], [1.0]]])
    model = rnnzoo.create_model("activity_rnn", units=2)
    model.fit(x, ["up", "down"], verbose=0)
    signatures = serve_saved_model.load(model.export(tmp_path / "saved"))
    request = serve_saved_model.parsed('{"inputs": [[[1.0], [null], [3]], [[null], [2], [1]]]}')
    answer = serve_saved_model.predict(signatures, request)["outputs"]
    np.testing.assert_allclose(answer["probabilities"], model.probabilities(x), atol=1e-6)
    with pytest.raises(ValueError, match="x is null: expected float32"):
        serve_saved_model.predict(signatures, {"inputs": None})


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
        ({"instances": [{"prompts": "a"}, {}]}, "the same keys in each row"),
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
    expected = "expected /v1/models/tiny or /v1/models/tiny:predict"
    assert (status, content) == (404, {"error": f"no /v1/models/tinyx:predict: {expected}"})


# --- what HTTP allows, and what it does not -------------------------------------------------------

STATUS = "/v1/models/tiny"
PREDICT = "/v1/models/tiny:predict"


def connected(url):
    return socket.create_connection(("127.0.0.1", urllib.parse.urlsplit(url).port), timeout=20)


def received(connection, method=None):
    """Status, headers and content of the next answer."""
    answer = http.client.HTTPResponse(connection, method=method)
    answer.begin()
    data = answer.read()
    assert int(answer.headers["Content-Length"]) == len(data) or method == "HEAD"
    assert answer.headers["Content-Type"] == "application/json"
    return answer.status, answer.headers, json.loads(data or "{}")


def post(body, path=PREDICT, method="POST"):
    head = f"{method} {path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def with_header(*lines):
    return "\r\n".join([f"POST {PREDICT} HTTP/1.1", *lines, "", ""]).encode()


@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [
        (with_header(), 411, "expected a Content-Length"),
        (with_header("Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n", 411, "not chunked"),
        (with_header("Content-Length: 2", "Transfer-Encoding: chunked") + b"{}", 411, "chunked"),
        (with_header("Content-Length: -1"), 400, "Content-Length is '-1': expected a number"),
        (with_header("Content-Length: +2") + b"{}", 400, "is '+2'"),
        (with_header("Content-Length: 1_0") + b"{}", 400, "is '1_0'"),
        (with_header("Content-Length: ten"), 400, "is 'ten'"),
        (with_header("Content-Length:"), 400, "is ''"),
        (with_header("Content-Length: 2", "Content-Length: 3") + b"{}", 400, "Content-Length is"),
        (with_header("Content-Length: 67108865"), 413, "longer than 67,108,864 bytes"),
        (with_header("Content-Length: " + "9" * 5000), 413, "longer than 67,108,864 bytes"),
        (b"nonsense\r\n\r\n", 400, "Bad request syntax"),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n", 400, "Bad"),  # TLS
        (b"GET /v1 HTTP/x\r\n\r\n", 400, "Bad request version"),
        (b"GET /v1 HTTP/2.0\r\n\r\n", 505, "Invalid HTTP version"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414, "Too Long"),
        (with_header("x: " + "y" * 70_000), 431, "Line too long"),
        (with_header(*(f"x{i}: y" for i in range(200))), 431, "Too many headers"),
        (b"NONE /v1 HTTP/1.1\r\n\r\n", 501, "Unsupported method"),
    ],
)
def test_what_is_not_read_to_its_end_is_answered_before_the_connection_is_closed(
    url, request_, status, message
):
    with connected(url) as connection:
        connection.sendall(request_)
        got, headers, content = received(connection)
        assert (got, headers["Connection"]) == (status, "close")
        assert message in content["error"]
        assert connection.recv(1) == b""


@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [
        (post(b""), 400, "not JSON: Expecting value"),
        (post(b'{"inputs": '), 400, "not JSON: Expecting value"),
        (post(b'{"inputs": "\xff"}'), 400, "not JSON: 'utf-8' codec"),
        (post(b'{"inputs": {"texts": ["\\ud800"]}}'), 400, "expected string of shape"),
        (post(b'{"inputs": ' + b"1" * 5000 + b"}"), 400, "Exceeds the limit"),
        (post(b'{"inputs": {"b64": 5}}'), 400, "b64 is 5: "),
        (post(b'{"inputs": {"b64": "YW!J"}}'), 400, 'b64 is "YW!J": '),
        (post(b'{"instances": [{"prompts": "a"}, {"typo": 1}]}'), 400, "the same keys in each row"),
        (post(b'{"inputs": {"b64": "a"}}'), 400, 'b64 is "a": '),
        (post(b"[" * 100_000), 400, "nested too deeply"),
        # More dimensions than a tensor may have, at which TensorFlow aborts the process.
        (post(b'{"inputs": {"texts": ' + b"[" * 300 + b"]" * 300 + b"}}"), 400, "expected string"),
        (post(b"{}", STATUS), 405, "expected GET"),
        (post(b"{}", PREDICT, "PUT"), 405, "expected POST"),
        (post(b"", PREDICT, "GET"), 405, "expected POST"),
        (post(b"", STATUS, "DELETE"), 405, "expected GET"),
        (post(b"{}", "/"), 404, "expected /v1/models/tiny or"),
    ],
)
def test_a_connection_goes_on_after_an_error(url, request_, status, message):
    with connected(url) as connection:
        connection.sendall(request_)
        got, headers, content = received(connection)
        assert got == status and message in content["error"]
        assert headers["Allow"] == (content["error"].split()[-1] if status == 405 else None)
        connection.sendall(post(b"", STATUS, "GET"))
        assert received(connection)[0] == 200


def test_head_has_no_body(url):
    with connected(url) as connection:
        connection.sendall(post(b"", STATUS, "HEAD"))
        status, head, _ = received(connection, "HEAD")
        connection.sendall(post(b"", STATUS, "GET"))
        _, get, _ = received(connection)
        assert status == 200 and head["Content-Length"] == get["Content-Length"]


def test_a_client_of_http_1_0_is_answered_and_left(url):
    with connected(url) as connection:
        connection.sendall(f"GET {STATUS} HTTP/1.0\r\n\r\n".encode())
        assert received(connection)[0] == 200
        assert connection.recv(1) == b""


def test_a_body_that_is_cut_off(url):
    with connected(url) as connection:
        connection.sendall(with_header("Content-Length: 100") + b"{}")
        connection.shutdown(socket.SHUT_WR)
        status, _, content = received(connection)
    assert (status, content["error"]) == (400, "the body ends after 2 bytes: expected 100")


def test_a_body_over_the_limit_is_answered_while_it_is_sent(url):
    size = 65 * 2**20
    with connected(url) as connection:
        connection.sendall(with_header(f"Content-Length: {size}"))
        connection.sendall(bytes(size - 2**20))
        assert received(connection)[0] == 413


def test_clients_that_go_away(url):
    request = {"signature_name": "init", "inputs": {"batch_size": 20_000}}
    for data in (post(json.dumps(request).encode()), with_header("Content-Length: 9"), b"GET", b""):
        with connected(url) as connection:
            connection.sendall(data)
            # Closed at once, with a reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert ask(url)[0] == 200


@pytest.mark.parametrize("keep", [pytest.param(False, marks=pytest.mark.slow), True])
def test_sixteen_clients_at_once(model, url, keep):
    expected = model.log_prob(["abba"])[0]

    def client(_):
        kept = connected(url)
        answers = []
        with kept:
            for _ in range(50):
                if keep:
                    kept.sendall(post(b'{"instances": ["abba"]}'))
                    status, _, content = received(kept)
                else:
                    status, content = ask(f"{url}:predict", {"instances": ["abba"]})
                answers.append((status, round(content["predictions"][0]["log_prob"], 3)))
        return answers

    with ThreadPoolExecutor(16) as pool:
        answers = [answer for answers in pool.map(client, range(16)) for answer in answers]
    assert collections.Counter(answers) == {(200, round(float(expected), 3)): 16 * 50}


# --- the server without a model -------------------------------------------------------------------


@pytest.fixture
def bare():
    """A server that waits 0.2 s for a client, reads 100 bytes of it, and fails at what it reads."""

    def fails(body):
        raise ZeroDivisionError("first line\nsecond line")

    server = serve_saved_model.Server(0, max_body=100, client_timeout=0.2)
    server.routes = {STATUS: ("GET", lambda _: {}), PREDICT: ("POST", fails)}
    with server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{STATUS}"
        server.shutdown()
        thread.join()


def test_a_body_that_does_not_come(bare):
    with connected(bare) as connection:
        connection.sendall(with_header("Content-Length: 9") + b"{}")
        status, headers, content = received(connection)
    assert (status, headers["Connection"]) == (408, "close")
    assert content["error"] == "of the body's 9 bytes none came for 0.2 s"


def test_a_silent_client_is_left(bare, capfd):
    for begin in (b"", b"GET", post(b"", STATUS, "HEAD")):
        with connected(bare) as connection:
            connection.sendall(begin)
            while connection.recv(1000):
                pass
    assert capfd.readouterr() == ("", "")


def test_an_error_that_nobody_thought_of(bare, capfd):
    with connected(bare) as connection:
        for _ in range(2):
            connection.sendall(post(b"{}"))
            status, _, content = received(connection)
            assert (status, content) == (500, {"error": "ZeroDivisionError: first line"})
        connection.sendall(post(bytes(101)))
        assert received(connection)[0] == 413
    assert capfd.readouterr() == ("", "")


def test_clients_wait_in_line_to_be_let_in():
    # This server lets nobody in. A connection that finds no place in the line is not made.
    with serve_saved_model.Server(0, 1, 1) as server, contextlib.ExitStack() as connections:
        for _ in range(100):
            address = server.server_address
            connections.enter_context(socket.create_connection(address, timeout=10))


# --- the command line -----------------------------------------------------------------------------


@pytest.mark.slow
def test_ctrl_c_ends_it_without_a_word_and_a_name_is_quoted(folder):
    process = started(folder, "--name", "my model ü")
    url = process.stdout.readline().strip()
    assert url.endswith("/v1/models/my%20model%20%C3%BC")
    assert ask(url)[0] == 200
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


@pytest.mark.parametrize("port", [None, 70_000])
def test_a_port_that_cannot_be_had(tmp_path, monkeypatch, capsys, port):
    (tmp_path / "saved_model.pb").touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = port or taken.getsockname()[1]
        monkeypatch.setattr(sys, "argv", ["serve", str(tmp_path), "--port", str(port)])
        with pytest.raises(SystemExit, match="2"):
            serve_saved_model.main()
    assert f"error: --port {port}: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is not a SavedModel: it holds no saved_model.pb"),
        (b"", "can't be loaded: Importing a SavedModel"),
        (b"\xff", "can't be loaded: Cannot parse file"),
    ],
)
def test_a_folder_that_is_no_saved_model(tmp_path, monkeypatch, capsys, content, message):
    if content is not None:
        (tmp_path / "saved_model.pb").write_bytes(content)
    monkeypatch.setattr(sys, "argv", ["serve", str(tmp_path), "--port", "0"])
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # pytest keeps its own
    with pytest.raises(SystemExit, match="2"):
        serve_saved_model.main()
    assert f"error: {tmp_path} {message}" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("arguments", [["--max-body", "0"], ["--timeout", "nan"]])
def test_numbers_that_are_none(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.setattr(sys, "argv", ["serve", str(tmp_path), *arguments])
    with pytest.raises(SystemExit, match="2"):
        serve_saved_model.main()
    option, value = arguments
    assert f"argument {option}: {value}: expected a number above 0" in capsys.readouterr().err


def test_help_imports_no_tensorflow():
    script = "import runpy, sys; sys.modules['tensorflow'] = None; sys.argv = ['serve', '--help']; "
    script += f"runpy.run_path({serve_saved_model.__file__!r}, run_name='__main__')"
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (process.returncode, process.stderr) == (0, "")


def test_a_machine_without_tensorflow_is_told(folder):
    script = "import runpy, sys; sys.modules['tensorflow'] = None; sys.argv.pop(0); "
    script += "runpy.run_path(sys.argv[0], run_name='__main__')"
    for file in (serve_saved_model.__file__, generate_from_saved_model.__file__):
        command = [sys.executable, "-c", script, file, folder]
        process = subprocess.run(command, capture_output=True, text=True)
        assert process.returncode == 1
        assert process.stderr.startswith("error: ") and process.stderr.count("\n") == 1
        assert process.stderr.endswith("pip install tensorflow\n")


def test_bytes_come_as_base64(tmp_path):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="images")])
    def serve_encoded(images):
        return {"colours": tf.map_fn(tf.io.decode_png, images, fn_output_signature=tf.uint8)}

    tf.saved_model.save(tf.Module(), tmp_path, {"serve_encoded": serve_encoded})
    signatures = serve_saved_model.load(tmp_path)
    pictures = np.random.default_rng(0).integers(0, 255, (2, 4, 5, 3)).astype(np.uint8)
    png = [base64.b64encode(tf.io.encode_png(x).numpy()).decode() for x in pictures]
    given = [{"b64": content} for content in png]
    for request in ({"inputs": given}, {"instances": [{"images": one} for one in given]}):
        request = json.dumps({"signature_name": "serve_encoded", **request})
        reply = serve_saved_model.predict(signatures, serve_saved_model.parsed(request))
        assert [*reply.values()] == [pictures.tolist()]
    with pytest.raises(ValueError, match=r'seed is \["2 bytes"\]: expected int64'):
        serve_saved_model.tensor("seed", [b"ab"], tf.TensorSpec([], tf.int64))


@pytest.mark.slow
def test_a_captioner_reads_base64(tmp_path):
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


def test_bytes_that_are_no_text_go_out_as_base64():
    assert json.loads(serve_saved_model.written(["é".encode(), b"\xff"])) == ["é", {"b64": "/w=="}]


def test_outputs_that_are_not_of_a_row_each_are_no_predictions(tmp_path):
    @tf.function(input_signature=[tf.TensorSpec([None], name="x")])
    def serve(x):
        return {"x": x, "sum": tf.reduce_sum(x)}

    tf.saved_model.save(tf.Module(), tmp_path, {"serving_default": serve})
    signatures = serve_saved_model.load(tmp_path)
    assert serve_saved_model.predict(signatures, {"inputs": [1.0, 2.0]})["outputs"]["sum"] == 3
    with pytest.raises(ValueError, match='sum, x are not of a row each: ask with "inputs"'):
        serve_saved_model.predict(signatures, {"instances": [1.0, 2.0]})
