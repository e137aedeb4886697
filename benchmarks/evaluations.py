"""How good are the pretrained models, beside the simple things on the same rows?

    python benchmarks/evaluations.py
    python benchmarks/evaluations.py --models translate_attention_gru.ui_messages

Runs `rnnzoo.evaluate` for each of `rnnzoo list --pretrained` on the test split of the data that it
was trained on, and writes benchmarks/results/evaluations.json, where those of others stay.
"""

import argparse
import json

import record

import rnnzoo


def main() -> None:
    """Measure, write."""
    pretrained = rnnzoo.list_models(pretrained=True)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=pretrained, choices=pretrained)
    path = record.RESULTS / "evaluations.json"
    before = json.loads(path.read_text())["models"] if path.exists() else {}
    found = {name: before[name] for name in pretrained if name in before}
    for name in parser.parse_args().models:
        info = rnnzoo.model_info(name)
        found[name] = rnnzoo.evaluate(name, info.dataset, split="test")
        print(name, found[name], flush=True)
    record.write("evaluations", {"models": found})


if __name__ == "__main__":
    main()
