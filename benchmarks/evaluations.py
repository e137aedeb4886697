"""How good are the pretrained models, beside the simple things on the same rows?

    python benchmarks/evaluations.py

Runs `rnnzoo.evaluate` for each of `rnnzoo list --pretrained` on the test split of the data that it
was trained on, and writes benchmarks/results/evaluations.json.
"""

import record

import rnnzoo


def main() -> None:
    """Measure, write."""
    found = {}
    for name in rnnzoo.list_models(pretrained=True):
        info = rnnzoo.model_info(name)
        found[name] = rnnzoo.evaluate(name, info.dataset, split="test")
        print(name, found[name], flush=True)
    record.write("evaluations", {"models": found})


if __name__ == "__main__":
    main()
