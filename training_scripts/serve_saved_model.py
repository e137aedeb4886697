r"""Answer over HTTP from an exported model, with TensorFlow and the standard library alone.

    python training_scripts/serve_saved_model.py runs/demo/saved_model
    curl http://127.0.0.1:8501/v1/models/model:predict \
        -d '{"signature_name": "generate", "inputs": {"prompts": ["def "], "length": 80}}'

Every signature answers as in TensorFlow Serving's REST interface: "inputs", tensors by name, get
"outputs"; "instances", a list of rows, get "predictions". What has a default may be left out.
Bytes, such as a picture's file, are sent as {"b64": "..."}, in base64.
"""

import argparse
import base64
import contextlib
import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2


def load(folder: Path) -> dict[str, tuple[Any, dict[str, Any]]]:
    """The signatures of a SavedModel, each with the defaults of its inputs."""
    saved = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    definitions = saved.meta_graphs[0].signature_def
    return {
        name: (signature, {k: tf.make_ndarray(v) for k, v in definitions[name].defaults.items()})
        for name, signature in tf.saved_model.load(folder).signatures.items()
    }


def parsed(body: bytes | str) -> Any:
    """A request's JSON, with the bytes that stand in it as base64."""

    def read(item):
        return base64.b64decode(item["b64"]) if item.keys() == {"b64"} else item

    return json.loads(body, object_hook=read)


def shown(value: Any) -> str:
    """A part of a request as JSON, for a message."""
    return json.dumps(value, default=lambda data: f"{len(data)} bytes")


def predict(signatures: dict[str, tuple[Any, dict[str, Any]]], request: Any) -> dict[str, Any]:
    """The answer to a request, both as JSON has them."""
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
            given = {key: [row.get(key) for row in given] for key in given[0]}
    if not isinstance(given, dict) and len(required) == 1:
        given = dict.fromkeys(required, given)  # the only one needs no name
    if not isinstance(given, dict) or not required <= given.keys() <= specs.keys():
        raise ValueError(f"got {shown(given)}: expected values of {', '.join(sorted(specs))}")
    inputs = {name: tensor(name, value, specs[name]) for name, value in given.items()}
    outputs = signature(**{**defaults, **inputs})
    outputs = {name: value.numpy().tolist() for name, value in outputs.items()}
    if len(outputs) == 1:
        (outputs,) = outputs.values()  # nor does an only output
    elif "instances" in request:
        rows = zip(*outputs.values(), strict=True)
        outputs = [dict(zip(outputs, row, strict=True)) for row in rows]
    return {"outputs" if "inputs" in request else "predictions": outputs}


def tensor(name: str, value: Any, spec: tf.TensorSpec) -> tf.Tensor:
    """A JSON value as the tensor that an input expects."""
    with contextlib.suppress(TypeError, ValueError):
        tensor = tf.constant(value, spec.dtype)
        unchanged = not spec.dtype.is_integer or tensor.numpy().tolist() == value
        if unchanged and spec.shape.is_compatible_with(tensor.shape):
            return tensor
    expected = f"{spec.dtype.name} of shape {spec.shape}"
    raise ValueError(f"{name} is {shown(value)}: expected {expected}")


class Handler(BaseHTTPRequestHandler):
    """GET /v1/models/NAME says that the model is there, POST /v1/models/NAME:predict asks it."""

    def do_GET(self) -> None:
        self.answer(self.server.path, lambda _: self.server.status)

    def do_POST(self) -> None:
        self.answer(f"{self.server.path}:predict", self.server.predict)

    def answer(self, path: str, respond: Callable[[bytes], Any]) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, content = 404, {"error": f"no {self.path}: expected {path}"}
        if self.path == path:
            try:
                status, content = 200, respond(body)
            except (ValueError, tf.errors.OpError) as error:
                status, content = 400, {"error": str(error)}
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(content, ensure_ascii=False, default=bytes.decode).encode())


def main() -> None:
    """Load the SavedModel, then answer until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("saved_model", type=Path, help="the folder that `rnnzoo export` wrote")
    parser.add_argument("--name", default="model", help="of the model, in its address")
    parser.add_argument("--port", type=int, default=8501, help="of 127.0.0.1; 0: a free one")
    arguments = parser.parse_args()
    if not (arguments.saved_model / "saved_model.pb").is_file():
        parser.error(f"{arguments.saved_model} is not a SavedModel: it holds no saved_model.pb")
    try:
        server = ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    except (OSError, OverflowError) as error:
        parser.error(f"--port {arguments.port}: {error}")
    with server:
        signatures = load(arguments.saved_model)
        server.path = f"/v1/models/{arguments.name}"
        server.status = {"model_version_status": [{"version": "1", "state": "AVAILABLE"}]}
        server.predict = lambda body: predict(signatures, parsed(body))
        print(f"http://127.0.0.1:{server.server_port}{server.path}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
