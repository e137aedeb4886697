"""What each benchmark's results file holds beside its figures: what ran, and on what machine."""

import importlib.metadata
import json
import os
import platform
from pathlib import Path

from rnnzoo.platform import tf
from rnnzoo.run import write_text

RESULTS = Path(__file__).parent / "results"


def write(name: str, result: dict, packages=("tensorflow", "keras", "rnnzoo")) -> None:
    """Write benchmarks/results/NAME.json, whole or not at all, and say where it is."""
    RESULTS.mkdir(exist_ok=True)
    versions = {package: importlib.metadata.version(package) for package in packages}
    machine = {
        "device": _device(),
        "cores": os.cpu_count(),
        "versions": {"python": platform.python_version(), **versions},
    }
    path = RESULTS / f"{name}.json"
    write_text(path, json.dumps({**result, **machine}, indent=2) + "\n")
    print(f"written: {path}")


def _device() -> str:
    gpus = tf.config.list_physical_devices("GPU")
    return tf.config.experimental.get_device_details(gpus[0])["device_name"] if gpus else "CPU"
