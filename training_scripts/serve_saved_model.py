r"""Answer over HTTP from an exported model, with TensorFlow and the standard library alone.

    python training_scripts/serve_saved_model.py runs/demo/saved_model
    curl http://127.0.0.1:8501/v1/models/model:predict \
        -d '{"signature_name": "generate", "inputs": {"prompts": ["def "], "length": 80}}'

Every signature answers as in TensorFlow Serving's REST interface: "inputs", tensors by name, get
"outputs"; "instances", a list of rows, get "predictions". What has a default may be left out.
Bytes, such as a picture's file, are sent as {"b64": "..."}, in base64. Among numbers, null is one
that is missing, NaN. A request that can't be
answered gets a status of 400 or more and {"error": "..."}, which says why.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import re
import signal
import socket
import sys
import time
import urllib.parse
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # imported when the arguments are known to be right, as it takes seconds
    import tensorflow as tf


def import_tensorflow() -> None:
    """Import it without its start-up lines, which it writes straight to file descriptor 2.

    generate_from_saved_model.py has this function, too: either script works without the other.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    stderr = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            import tensorflow as tf

            tf.config.list_physical_devices()  # the search for a GPU has lines of its own
        except ImportError as error:
            raise SystemExit(f"error: {error}; pip install tensorflow") from None
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def in_one_line(error: Exception) -> str:
    """What an error says, without the lines that TensorFlow puts around it."""
    lines = str(error).partition("\n\t [[")[0].strip().splitlines() or [type(error).__name__]
    return lines[-1 if lines[0] == "Graph execution error:" else 0]


# --- the model ------------------------------------------------------------------------------------


def load(folder: Path) -> dict[str, tuple[Any, dict[str, Any]]]:
    """The signatures of a SavedModel, each with the defaults of its inputs."""
    import tensorflow as tf
    from tensorflow.core.protobuf import saved_model_pb2

    signatures = tf.saved_model.load(folder).signatures
    saved = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    definitions = saved.meta_graphs[0].signature_def
    return {
        name: (signature, {k: tf.make_ndarray(v) for k, v in definitions[name].defaults.items()})
        for name, signature in signatures.items()
    }


def parsed(body: bytes | str) -> Any:
    """A request's JSON, with the bytes that stand in it as base64."""

    def read(item):
        if item.keys() != {"b64"}:
            return item
        try:
            return base64.b64decode(item["b64"], validate=True)
        except (TypeError, ValueError) as error:
            raise ValueError(f"b64 is {shown(item['b64'])}: {error}") from None

    try:
        return json.loads(body, object_hook=read)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"the body is not JSON: {error}") from None


def shown(value: Any) -> str:
    """A part of a request as JSON, for a message."""
    text = json.dumps(value, default=lambda data: f"{len(data)} bytes")
    return text if len(text) <= 200 else f"{text[:200]}..."


def written(answer: Any) -> bytes:
    """An answer's JSON; bytes that are no text stand in it as base64."""

    def write(data):
        try:
            return data.decode()
        except UnicodeDecodeError:
            return {"b64": base64.b64encode(data).decode()}

    return json.dumps(answer, ensure_ascii=False, default=write).encode()


def predict(signatures: dict[str, tuple[Any, dict[str, Any]]], request: Any) -> dict[str, Any]:
    """The answer to a request, both as JSON has them."""
    import tensorflow as tf

    if not isinstance(request, dict) or ("inputs" in request) == ("instances" in request):
        raise ValueError('expected a JSON object with either "inputs" or "instances"')
    name = str(request.get("signature_name", "serving_default"))
    if name not in signatures:
        raise ValueError(f"no signature {name!r}: expected one of {', '.join(signatures)}")
    signature, defaults = signatures[name]
    specs = signature.structured_input_signature[1]
    required = specs.keys() - defaults.keys()
    given = request.get("inputs", request.get("instances"))
    if "instances" in request:
        if not isinstance(given, list) or not given:
            raise ValueError(f"instances is {shown(given)}: expected a list of rows")
        if all(isinstance(row, dict) for row in given):
            if any(row.keys() != given[0].keys() for row in given):
                raise ValueError("instances: expected the same keys in each row")
            given = {key: [row.get(key) for row in given] for key in given[0]}
    if not isinstance(given, dict) and len(required) == 1:
        given = dict.fromkeys(required, given)  # the only one needs no name
    if not isinstance(given, dict) or not required <= given.keys() <= specs.keys():
        raise ValueError(f"got {shown(given)}: expected values of {', '.join(sorted(specs))}")
    inputs = {name: tensor(name, value, specs[name]) for name, value in given.items()}
    try:
        outputs = signature(**{**defaults, **inputs})
    except tf.errors.OpError as error:
        raise ValueError(in_one_line(error)) from None
    outputs = {name: value.numpy().tolist() for name, value in sorted(outputs.items())}
    if len(outputs) == 1:
        (outputs,) = outputs.values()  # nor does an only output
    elif "instances" in request:
        try:
            rows = list(zip(*outputs.values(), strict=True))
        except (TypeError, ValueError):  # a scalar, other lengths
            names = ", ".join(outputs)
            raise ValueError(f'{names} are not of a row each: ask with "inputs"') from None
        outputs = [dict(zip(outputs, row, strict=True)) for row in rows]
    return {"outputs" if "inputs" in request else "predictions": outputs}


def tensor(name: str, value: Any, spec: tf.TensorSpec) -> tf.Tensor:
    """A JSON value as the tensor that an input expects."""
    import tensorflow as tf

    depth, part = 0, value
    while isinstance(part, list) and part:
        depth, part = depth + 1, part[0]
    # Asked first, as TensorFlow ends the whole process at 255 dimensions.
    if depth <= (254 if spec.shape.rank is None else spec.shape.rank):
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            if spec.dtype.is_floating and depth:
                value = with_nan(value)
            tensor = tf.constant(value, spec.dtype)
            unchanged = not spec.dtype.is_integer or tensor.numpy().tolist() == value
            if unchanged and spec.shape.is_compatible_with(tensor.shape):
                return tensor
    expected = f"{spec.dtype.name} of shape {spec.shape}"
    raise ValueError(f"{name} is {shown(value)}: expected {expected}")


def with_nan(value: Any) -> Any:
    """Numbers in lists, NaN in place of null: a value that is missing."""
    if isinstance(value, list):
        return [with_nan(part) for part in value]
    return float("nan") if value is None else value


# --- HTTP -----------------------------------------------------------------------------------------


class Refused(Exception):
    """A request whose body is not read to its end: the status, and why."""


class Handler(BaseHTTPRequestHandler):
    """GET /v1/models/NAME says that the model is there, POST /v1/models/NAME:predict asks it."""

    protocol_version = default_request_version = "HTTP/1.1"  # a connection is for many requests
    disable_nagle_algorithm = True  # which would hold back what follows the headers

    def setup(self) -> None:
        self.timeout = self.server.client_timeout
        super().setup()

    def answer(self) -> None:
        try:
            body = self.body()
        except Refused as refused:
            self.send_error(*refused.args)
            return
        method, respond = self.server.routes.get(self.path, (None, None))
        if respond is None:
            expected = " or ".join(self.server.routes)
            status, content = 404, {"error": f"no {self.path}: expected {expected}"}
        elif method != self.command.replace("HEAD", "GET"):
            status, content = 405, {"error": f"{self.command} {self.path}: expected {method}"}
        else:
            status, content = self.response(respond, body)
        self.reply(status, content, *[("Allow", method)] * (status == 405))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def body(self) -> bytes:
        """What comes behind the headers."""
        given = set(self.headers.get_all("Content-Length", ()))
        if "Transfer-Encoding" in self.headers or (self.command == "POST" and not given):
            raise Refused(411, "expected a Content-Length, and a body that is not chunked")
        text = ", ".join(given) if given else "0"
        if not re.fullmatch("[0-9]+", text):
            raise Refused(400, f"Content-Length is {text[:40]!r}: expected a number of bytes")
        most = self.server.max_body
        if len(text) > 15 or int(text) > most:
            raise Refused(413, f"the body is longer than {most:,} bytes, the server's --max-body")
        try:
            body = self.rfile.read(int(text))
        except TimeoutError:
            reason = f"of the body's {text} bytes none came for {self.timeout:g} s"
            raise Refused(408, reason) from None
        if len(body) < int(text):
            raise Refused(400, f"the body ends after {len(body)} bytes: expected {text}")
        return body

    def response(self, respond: Callable[[bytes], Any], body: bytes) -> tuple[int, Any]:
        try:
            return 200, respond(body)
        except ValueError as error:
            return 400, {"error": in_one_line(error)}
        except RecursionError:
            return 400, {"error": "the body is nested too deeply"}
        except Exception as error:  # whatever it is, the client hears of it and the server goes on
            return 500, {"error": f"{type(error).__name__}: {in_one_line(error)}"}

    def reply(self, status: int, content: Any, *headers: tuple[str, str]) -> None:
        data = written(content)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for header in headers:
            self.send_header(*header)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is not read to its end, then close, as where the next begins is unknown.

        The base class calls it for what is no HTTP.
        """
        self.close_connection = True
        self.reply(code, {"error": message or HTTPStatus(code).phrase})
        # A client that still sends would hear of a closed connection before it reads the answer.
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(1)
        end, left = time.monotonic() + 5, self.server.max_body
        with contextlib.suppress(OSError):
            while time.monotonic() < end and (data := self.rfile.read1(min(left, 2**16))):
                left -= len(data)

    def log_message(self, *_: Any) -> None:
        """Not a line for each request."""


class Server(ThreadingHTTPServer):
    """Answers each client in a thread of its own, on this machine alone.

    Attributes:
        routes: by path the method and what answers it; set it before `serve_forever`.
    """

    request_queue_size = 1024  # clients at once; with 5, others wait a second and more to be let in
    routes: dict[str, tuple[str, Callable[[bytes], Any]]]

    def __init__(self, port: int, max_body: int, client_timeout: float) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.max_body = max_body
        self.client_timeout = client_timeout

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client may go at any time: that is no error."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def positive(text: str) -> float:
    """A number above 0 of the command line."""
    with contextlib.suppress(ValueError):
        if 0 < float(text) < 2**20:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text}: expected a number above 0")


def main() -> None:
    """Load the SavedModel, then answer until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("saved_model", type=Path, help="the folder that `rnnzoo export` wrote")
    parser.add_argument("--name", default="model", help="of the model, in its address")
    parser.add_argument("--port", type=int, default=8501, help="of 127.0.0.1; 0: a free one")
    parser.add_argument(
        "--max-body", type=positive, default=64, metavar="MIB", help="of a request (%(default)s)"
    )
    parser.add_argument(
        "--timeout",
        type=positive,
        default=30,
        metavar="SECONDS",
        help="to wait for a client that sends nothing (%(default)s)",
    )
    arguments = parser.parse_args()
    if not (arguments.saved_model / "saved_model.pb").is_file():
        parser.error(f"{arguments.saved_model} is not a SavedModel: it holds no saved_model.pb")
    try:
        server = Server(arguments.port, int(arguments.max_body * 2**20), arguments.timeout)
    except (OSError, OverflowError) as error:
        parser.error(f"--port {arguments.port}: {error}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    with contextlib.suppress(KeyboardInterrupt), server:
        import_tensorflow()
        try:
            signatures = load(arguments.saved_model)
        except Exception as error:  # a damaged one raises nearly anything
            parser.error(f"{arguments.saved_model} can't be loaded: {in_one_line(error)}")
        path = f"/v1/models/{urllib.parse.quote(arguments.name)}"
        status = {"model_version_status": [{"version": "1", "state": "AVAILABLE"}]}
        server.routes = {
            path: ("GET", lambda _: status),
            f"{path}:predict": ("POST", lambda body: predict(signatures, parsed(body))),
        }
        print(f"http://127.0.0.1:{server.server_port}{path}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
