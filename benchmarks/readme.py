"""Write the tables of the README and of docs/ from benchmarks/results.

    python benchmarks/readme.py

Each table stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.
"""

import csv
import json
import re
from pathlib import Path

from rnnzoo.run import write_text

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"


def char_models() -> str:
    """Quality of the character models after about four minutes each."""
    by_model: dict[str, dict[str, dict]] = {}
    names = []
    for path in sorted(RESULTS.glob("char_models_*.csv"), reverse=True):
        for row in read_csv(path):
            by_model.setdefault(row["model"], {})[row["data"]] = row
            if row["data"] not in names:
                names.append(row["data"])
    header = ["model"]
    for name in names:
        header += [f"{name}: validation nats", "bits", "minutes (CPU)"]
    rows = []
    for model, results in by_model.items():
        row = [f"`{model}`"]
        for name in names:
            result = results.get(name)
            row += (
                [
                    f"{float(result['validation_nats']):.3f}",
                    f"{float(result['validation_bits']):.3f}",
                    f"{int(result['seconds']) / 60:.1f} ({int(result['cpu_seconds']) / 60:.1f})",
                ]
                if result
                else ["", "", ""]
            )
        rows.append(row)
    return table(header, rows)


def best_run() -> str:
    """The best single run on tiny Shakespeare."""
    (row,) = read_csv(RESULTS / "best_tiny_shakespeare.csv")
    return table(
        ["parameters", "validation nats", "bits", "minutes (CPU)", "seed"],
        [
            [
                f"{int(row['parameters']):,}",
                f"{float(row['validation_nats']):.4f}",
                f"{float(row['validation_bits']):.4f}",
                f"{int(row['seconds']) / 60:.1f} ({int(row['cpu_seconds']) / 60:.1f})",
                row["seed"],
            ]
        ],
    )


def generation() -> str:
    """Characters a second of `generate` and of two loops in Python."""
    results = json.loads((RESULTS / "generation.json").read_text())["results"]
    writers = list(dict.fromkeys(writer for row in results.values() for writer in row))
    rows = []
    for batch, row in results.items():
        cells = [batch]
        for writer in writers:
            result = row[writer]
            times = result.get("rnnzoo_is_times_as_fast")
            cells.append(
                f"{result['characters_per_second']:,.0f}" + (f" ({times:,.1f} x)" if times else "")
            )
        rows.append(cells)
    return table(["batch", *(f"{writer} (rnnzoo's lead)" for writer in writers)], rows)


def pipeline() -> str:
    """Batches a second of the pipelines against training steps a second."""
    results = json.loads((RESULTS / "pipeline.json").read_text())["results"]
    return table(
        ["pipeline", "batches/s alone", "training steps/s", "ratio"],
        [
            [
                f"`{name}`",
                f"{row['pipeline_batches_per_second']:,.0f}",
                f"{row['training_steps_per_second']:.1f}",
                f"{row['ratio']:.0f}",
            ]
            for name, row in results.items()
        ],
    )


def layers(name: str = "layers") -> str:
    """Training steps of one layer, against Keras's and PyTorch's."""
    results = json.loads((RESULTS / f"{name}.json").read_text())["results"]
    others = [
        s for s in ("keras", "torch") if any(s in r for of in results.values() for r in of.values())
    ]
    rows = []
    for shape, by_layer in results.items():
        for layer, row in by_layer.items():
            cells = [f"`{layer}`" if " " not in layer else layer, shape.replace(",", ", ")]
            cells.append(f"{row['rnnzoo']['ms']['median']:.1f}")
            for side in others:
                if side in row:
                    cells += [f"{row[side]['ms']['median']:.1f}", spread(row[side]["ratio"])]
                else:
                    cells += ["", ""]
            rows.append(cells)
    header = ["layer", "batch, steps, inputs, units", "rnnzoo ms"]
    for side in others:
        header += [f"{side} ms", f"{side} / rnnzoo"]
    return table(header, rows)


def layers_mixed_bfloat16() -> str:
    """The same in bfloat16."""
    return layers("layers_mixed_bfloat16")


def precision() -> str:
    """Validation by epoch under each dtype policy."""
    by_run: dict[tuple, dict] = {}
    for row in read_csv(RESULTS / "precision.csv"):
        run = by_run.setdefault((row["seed"], row["policy"]), {})
        run[row["epoch"]] = row["validation_bits"]
    epochs = list(next(iter(by_run.values())))
    return table(
        ["policy", "seed", *(f"epoch {epoch}" for epoch in epochs)],
        [[policy, seed, *run.values()] for (seed, policy), run in by_run.items()],
    )


def skip_delays() -> str:
    """What long delays cost."""
    ratios = json.loads((RESULTS / "skip_delays.json").read_text())["ratios"]
    return table(
        ["delays: times of a step", "ratio"],
        [[pair, spread(values)] for pair, values in ratios.items()],
    )


def long_sequences() -> str:
    """Memory and time of training steps on long sequences."""
    results = json.loads((RESULTS / "long_sequences.json").read_text())["results"]
    kinds = list(dict.fromkeys(every for row in results.values() for every in row))
    rows = []
    for steps, by_kind in results.items():
        cells = [f"{int(steps):,}"]
        for every in kinds:
            row = by_kind[every]
            cells += [spread(row["mib"], 0), spread(row["ms"], 0)]
        rows.append(cells)
    header = ["time steps"]
    for every in kinds:
        header += [f"`checkpoint_every={every}`: peak MiB", "ms"]
    return table(header, rows)


def streaming() -> str:
    """Latency of one step of a SavedModel and of `predict`."""
    results = json.loads((RESULTS / "streaming.json").read_text())["results"]
    sides = list(dict.fromkeys(side for row in results.values() for side in row))
    rows = []
    for batch, row in results.items():
        cells = [batch]
        for side in sides:
            cells += [
                f"{row[side][key]:,.0f}" for key in ("median_microseconds", "p95_microseconds")
            ]
        rows.append([*cells, f"{row['keras']['rnnzoo_is_times_as_fast']:,.1f} x"])
    header = ["batch"]
    for side in sides:
        header += [f"{side}: median µs", "95th percentile"]
    return table([*header, "rnnzoo's lead"], rows)


def limits(name: str = "layers") -> str:
    """How far each layer is from a single large product with as many operations."""
    results = json.loads((RESULTS / f"{name}.json").read_text())["results"]
    return table(
        ["layer", "batch, steps, inputs, units", "step ms", "one product ms", "product / step"],
        [
            [
                f"`{layer}`" if " " not in layer else layer,
                shape.replace(",", ", "),
                f"{row['rnnzoo']['ms']['median']:.1f}",
                f"{row['product']['ms']['median']:.1f}",
                spread(row["product"]["ratio"]),
            ]
            for shape, by_layer in results.items()
            for layer, row in by_layer.items()
        ],
    )


def first_steps() -> str:
    """What the first step takes, tracing and compiling."""
    results = json.loads((RESULTS / "layers.json").read_text())["results"]
    return table(
        ["layer", "batch, steps, inputs, units", "rnnzoo s", "keras s"],
        [
            [
                f"`{layer}`" if " " not in layer else layer,
                shape.replace(",", ", "),
                *(spread(row[side]["first_step_seconds"]) for side in ("rnnzoo", "keras")),
            ]
            for shape, by_layer in results.items()
            for layer, row in by_layer.items()
        ],
    )


def layers_grid() -> str:
    """Keras's time / ours over many sizes."""
    results = json.loads((RESULTS / "layers_grid.json").read_text())["results"]
    names = list(next(iter(results.values())))
    return table(
        ["batch, steps, inputs, units", *(f"`{n}`" if " " not in n else n for n in names)],
        [
            [
                shape.replace(",", ", "),
                *(f"{by_layer[name]['keras']['ratio']['median']:.2f}" for name in names),
            ]
            for shape, by_layer in results.items()
        ],
    )


TABLES = {
    "README.md": {
        "best_run": best_run,
        "char_models": char_models,
        "generation": generation,
        "pipeline": pipeline,
        "layers": layers,
        "layers_mixed_bfloat16": layers_mixed_bfloat16,
        "precision": precision,
        "skip_delays": skip_delays,
        "long_sequences": long_sequences,
        "streaming": streaming,
    },
    "docs/performance.md": {
        "limits": limits,
        "first_steps": first_steps,
        "layers_grid": layers_grid,
    },
}


def filled(page: str) -> str:
    """The text of a page, each table as the results have it."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for name, make in TABLES[page].items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        pattern = re.compile(f"(?<={re.escape(begin)}\n).*?(?={re.escape(end)})", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"{page} has no lines {begin} and {end} for the table to stand in")
        text = pattern.sub(make().replace("\\", r"\\"), text)
    return text


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, the first column left-aligned, the others right-aligned."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def spread(values: dict[str, float], digits: int = 2) -> str:
    """The median with the least and the greatest figure of the processes."""
    middle, least, greatest = (f"{values[key]:,.{digits}f}" for key in ("median", "min", "max"))
    return f"{middle} ({least} to {greatest})"


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a results file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    for page in TABLES:
        write_text(ROOT / page, filled(page))
        print(f"written: {page}")
