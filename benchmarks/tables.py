"""Write the tables of the README and of docs/ from benchmarks/results.

    python benchmarks/tables.py

A table stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``, on whichever page has
these two lines.
"""

import json
import re
from functools import partial
from pathlib import Path
from statistics import mean, median, stdev

from record import RESULTS, ROOT, read_csv, shown, spread

from rnnzoo.files import write_text
from rnnzoo.registry import list_models, model_info

LESS_IS_BETTER = {"bits per character"}
WRITING = ("BLEU", "chrF", "exact")


def flagship() -> str:
    """The pretrained models beside the best of the simple things, and the best runs."""
    rows = []
    evaluated = json.loads((RESULTS / "evaluations.json").read_text())["models"]
    for name in list_models(pretrained=True):
        info = model_info(name)
        (card,) = info.weights
        found = evaluated[name]
        measure = next(iter(found["measures"]))
        best = min(found["baselines"], key=lambda b: b["model_is_better_by"]["value"])
        figure, baseline = (
            f"{what} {of['measures'][measure]['value']:#.3g}"
            for what, of in ((measure, found), (best["name"], best))
        )
        data = f"{card.dataset}, {card.split}"
        size = f"{card.parameters:,}"
        rows.append([f"`{info.name}`", info.task, data, figure, baseline, "yes", size])
    best, _ = read_csv(RESULTS / "best_tiny_shakespeare.csv")
    figure = f"nats per character {float(best['validation_nats']):.3f}"
    chains = [
        row
        for row in read_csv(RESULTS / "char_models_tiny_shakespeare.csv")
        if row["model"].startswith("char_markov")
    ]
    chain = min(chains, key=lambda row: float(row["validation_nats"]))
    beside = f"{chain['model']} {float(chain['validation_nats']):.3f}"
    rows.append(_trained_row(best, "validation", figure, beside))
    for name, row in json.loads((RESULTS / "tagging_sets.json").read_text())["results"].items():
        crf = row["crf"]["test"]
        measure = "span_f1" if "span_f1" in crf else "accuracy"
        for model, runs in row.items():
            if "test" in runs:  # a simple thing
                continue
            of_test = median(run["test"][measure] for run in runs.values())
            parameters = next(iter(runs.values()))["parameters"]
            trained = {"model": model, "data": name, "parameters": parameters}
            said = measure.replace("_f1", " F1")
            beside = f"CRF {crf[measure]:.3f}"
            rows.append(_trained_row(trained, "test", f"{said} {of_test:.3f}", beside))
    return table(
        ["model", "task", "data, split", "figure", "baseline", "weights included", "parameters"],
        rows,
        left=6,
    )


def _trained_row(row: dict, split: str, figure: str, baseline: str = "") -> list[str]:
    """A row of `flagship` for a model whose weights are not included."""
    name = row["model"]
    size = f"{int(row['parameters']):,}"
    data = f"{row['data']}, {split}"
    return [f"`{name}`", model_info(name).task, data, figure, baseline, "no", size]


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


def char_deep() -> str:
    """The ways to make a character model deep, over seeds."""
    return table(
        ["model", "parameters", "seeds", "validation nats", "bits", "minutes of CPU"],
        [
            [
                model_cell(model, runs),
                parameters_cell(runs),
                seeds_cell(runs),
                over_seeds(runs, "validation_nats"),
                over_seeds(runs, "validation_bits"),
                over_seeds(runs, "cpu_seconds", 1, 60),
            ]
            for (model,), runs in by_model("char_deep_tiny_shakespeare", "model").items()
        ],
    )


def best_run() -> str:
    """The best run on tiny Shakespeare by two protocols, and its network alone."""
    return table(
        ["model", "parameters", "nats, state carried", "bits", "nats, in blocks", "CPU minutes"],
        [
            [
                f"`{row['model']}`" if "_" in row["model"] else row["model"],
                f"{int(row['parameters']):,}",
                f"{float(row['validation_nats']):.4f}",
                f"{float(row['validation_bits']):.4f}",
                f"{float(row['validation_nats_in_blocks']):.4f}",
                f"{int(row['cpu_seconds']) / 60:.1f}",
            ]
            for row in read_csv(RESULTS / "best_tiny_shakespeare.csv")
        ],
    )


def activity_models(name: str = "activity_models") -> str:
    """Quality of the activity models on what nobody trained with."""

    def spread(row, figure):
        deviation = row[f"{figure}_sd"]
        return f"{float(row[figure]):.3f}" + (f" ± {float(deviation):.3f}" if deviation else "")

    return table(
        ["model", "parameters", "validation macro F1", "test accuracy", "test macro F1", "seconds"],
        [
            [
                f"`{row['model']}`" if " " not in row["model"] else row["model"],
                f"{int(row['parameters']):,}",
                spread(row, "validation_macro_f1"),
                spread(row, "test_accuracy"),
                spread(row, "test_macro_f1"),
                row["seconds"],
            ]
            for row in read_csv(RESULTS / f"{name}.csv")
        ],
    )


def series_sets(file: dict) -> str:
    """Test recordings that models with their defaults get right, beside the simple things."""
    results = file["results"]
    simple = ("logistic regression", "MiniRocket")
    models = list(dict.fromkeys(n for row in results.values() for n in row if "activity" in n))

    return table(
        ["set", "train / test", "classes", *simple, *(f"`{n}`" for n in models)]
        + [f"ECE of `{models[0]}`", "its seconds"],
        [
            [
                name,
                f"{row['train']} / {row['test']}",
                str(row["classes"]),
                *(_figure(row.get(of_one), "test") for of_one in (*simple, *models)),
                f"{row[models[0]]['calibration_error']:.3f}",
                f"{row[models[0]]['seconds']:.0f}",
            ]
            for name, row in results.items()
        ],
    )


def recipes(file: dict) -> str:
    """What each setting reached on validation, beside the best of the simple things."""
    by_setting: dict[tuple, list[dict]] = {}
    for run in file["runs"]:
        key = run["model"], run["data"], run["setting"], run["batch_size"], run["steps"]
        by_setting.setdefault(key, []).append(run)
    rows = []
    for (model, data, setting, batch_size, steps), runs in by_setting.items():
        measure = next(iter(runs[0]["measures"]))
        loss = mean(run["learned"]["loss"] for run in runs)
        value = mean(run["measures"][measure] for run in runs)
        simple = [of[measure] for of in file["baselines"][data].values()]
        best = min(simple) if measure in LESS_IS_BETTER else max(simple)
        rows.append(
            [f"`{model}`", data, setting or "the default", f"{steps:,} of {batch_size}"]
            + [", ".join(str(run["seed"]) for run in runs), measure]
            + [f"{figure:#.4g}" for figure in (loss, value, best)]
        )
    header = ["model", "set", "setting", "steps", "seeds", "measure", "loss", "reached", "baseline"]
    return table(header, rows, left=3)


def tagging_models(name: str) -> str:
    """Quality of the taggers, beside the simple things."""
    rows = read_csv(RESULTS / f"tagging_models_{name}.csv")
    header = ["model", "parameters", "validation accuracy", "test accuracy", "test macro F1"]
    words = any(float(row["test_unknown_share"]) > 0.01 for row in rows)
    if words:
        header += ["unknown words", "whole sentences"]
    return table(
        [*header, "minutes (CPU)"],
        [
            [
                f"`{row['model']}`" if row["parameters"] else row["model"].replace("_", " "),
                f"{int(row['parameters']):,}" if row["parameters"] else "",
                f"{100 * float(row['validation_accuracy']):.2f} %",
                f"{100 * float(row['test_accuracy']):.2f} %",
                f"{float(row['test_macro_f1']):.3f}",
                *(
                    f"{100 * float(row[figure]):.1f} %"
                    for figure in ("test_unknown_accuracy", "test_sequence_accuracy")
                    if words
                ),
                f"{int(row['seconds']) / 60:.1f} ({int(row['cpu_seconds']) / 60:.1f})",
            ]
            for row in rows
        ],
    )


def tagging_sets(file: dict) -> str:
    """Taggers with their defaults, several seeds, beside the simple things."""
    header = ["set", "model", "measure", "validation", "test", "whole sentences", "seeds"]
    rows = []
    for name, row in file["results"].items():
        measure = "span_f1" if "span_f1" in row["crf"]["test"] else "accuracy"
        for model, of_one in row.items():
            runs = [of_one] if "test" in of_one else [*of_one.values()]
            shares = [("validation", measure), ("test", measure), ("test", "sequence_accuracy")]
            taken = [run["cpu_seconds"] / 60 for run in runs if "cpu_seconds" in run]
            rows.append(
                [name, f"`{model}`" if taken else model.replace("_", " ")]
                + [measure.replace("_f1", " F1")]
                + [shown(spread([run[of][by] for run in runs]), 4) for of, by in shares]
                + ([str(len(runs)), shown(spread(taken), 1)] if taken else ["", ""])
            )
    return table([*header, "minutes of CPU"], rows, left=3)


def writing_models(name: str) -> str:
    """Quality of captioners."""
    rows = read_csv(RESULTS / f"{name}.csv")
    composed = ["new combinations, exact %"] if rows[0].get("composition_exact") else []

    def scored(row, score):
        bounds = row[f"{score}_interval"].split(" to ")
        return f"{float(row[score]):.1f} ({' to '.join(f'{float(b):.1f}' for b in bounds)})"

    lines = []
    for row in rows:
        name = "`{}`{}{}".format(*row["model"].partition(","))
        figures = f"{float(row['training_perplexity']):.2f}", f"{float(row['test_perplexity']):.1f}"
        scores = [f"test_{score}" for score in ("bleu_4", "chrf", "exact")]
        scores += ["composition_exact"] * len(composed)
        minutes = f"{int(row['seconds']) / 60:.1f} ({int(row['cpu_seconds']) / 60:.1f})"
        lines.append([name, *figures, *(scored(row, score) for score in scores), minutes])
    return table(
        ["model", "training perplexity", "test perplexity", "test BLEU", "test chrF"]
        + ["test exact %", *composed, "minutes (CPU)"],
        lines,
    )


def scene_models(name: str) -> str:
    """Captioners of scenes beside the simple things: sentences that are right, counted."""
    return table(
        ["model", "parameters", "seeds", "test exact %", "test BLEU"]
        + ["new combinations, exact %", "their BLEU", "minutes of CPU"],
        [
            [
                model_cell(model, runs),
                parameters_cell(runs),
                seeds_cell(runs),
                *(
                    over_seeds(runs, f"{split}_{score}", 1)
                    for split in ("test", "composition")
                    for score in ("exact", "bleu_4")
                ),
                over_seeds(runs, "cpu_seconds", 1, 60),
            ]
            for (model,), runs in by_model(f"caption_models_{name}", "model").items()
        ],
    )


def caption_names(file: dict) -> str:
    """Whether an emoji's name is the first answer, or among five."""
    return table(
        ["model", "split", "pictures", "first, %", "among five, %"],
        [
            [f"`{file['model']}`", split, str(found["pictures"])]
            + [f"{found[top]:.1f}" for top in ("top_1", "top_5")]
            for split, found in file["results"].items()
        ],
        left=2,
    )


def translators(name: str, file: dict) -> str:
    """Quality of translators on a data set, over seeds, and of what needs no training."""
    found = file["results"][name]

    def of_seeds(values):
        spread = f" ± {stdev(values):.1f}" if len(values) > 1 else ""
        return f"{mean(values):.1f}{spread}"

    rows = []
    for model, runs in found["models"].items():
        of_all = list(runs.values())
        figures = [[run["measures"][m]["value"] for run in of_all] for m in WRITING]
        least = min(by["interval"][0] for run in of_all for by in run["better_than"].values())
        minutes = mean(run["cpu_seconds"] for run in of_all) / 60
        rows.append(
            ["`{}`{}{}".format(*model.partition(",")), f"{of_all[0]['parameters']:,}"]
            + [*map(of_seeds, figures), f"{least:.1f}", str(len(of_all)), f"{minutes:.0f}"]
        )
    for baseline, measures in found["baselines"].items():
        figures = [f"{measures[m]['value']:.1f}" for m in WRITING]
        rows.append([baseline, "", *figures, "", "", ""])
    return table(
        ["model", "parameters", "BLEU", "chrF", "exact %"]
        + ["BLEU above all baselines, at least", "seeds", "CPU minutes"],
        rows,
    )


def translation_sentences(file: dict) -> str:
    """Sentences and what the pretrained translator makes of them."""
    return table(
        ["source", "translation"], [list(pair) for pair in file["sentences"].items()], left=2
    )


def speeds(figure: str, digits: int, file: dict) -> str:
    """What is written a second by rnnzoo and by loops in Python."""
    rows = []
    for batch, row in file["results"].items():
        cells = [batch]
        for writer, result in row.items():
            times = f" ({result['rnnzoo_is_times_as_fast']:,.1f})" if writer != "rnnzoo" else ""
            cells.append(f"{result[figure]:,.{digits}f}{times}")
        rows.append(cells)
    return table(["batch", *row], rows)


def translation_states(file: dict) -> str:
    """Distances of states, of a trained model and of one that has learned nothing."""
    rows = []
    for run, result in file["results"].items():
        for which in ("trained", "untrained"):
            found = result[which]
            rows.append([run, which, *(f"{found[of]:.2f}" for of in ("voice", "who", "ratio"))])
    return table(["targets", "model", "other voice", "other order", "ratio"], rows)


def pipeline(file: dict) -> str:
    """Batches a second of the pipelines against training steps a second."""
    results = file["results"]
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


def layers(file: dict) -> str:
    """Training steps of one layer, against Keras's and PyTorch's."""
    results = file["results"]
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
                    cells += [f"{row[side]['ms']['median']:.1f}", shown(row[side]["ratio"])]
                else:
                    cells += ["", ""]
            rows.append(cells)
    header = ["layer", "batch, steps, inputs, units", "rnnzoo ms"]
    for side in others:
        header += [f"{side} ms", f"{side} / rnnzoo"]
    return table(header, rows)


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


def skip_delays(file: dict) -> str:
    """What long delays cost."""
    return table(
        ["delays: times of a step", "ratio"],
        [[pair, shown(values)] for pair, values in file["ratios"].items()],
    )


def long_sequences(file: dict) -> str:
    """Memory and time of training steps on long sequences."""
    _, *kinds = next(iter(file["results"].values()))
    rows = []
    for steps, by_kind in file["results"].items():
        cells = [f"{int(steps):,}"]
        for row in by_kind.values():
            cells += [shown(row["mib_more"], 0), shown(row["ms"], 0)]
        rows.append([*cells, *(shown(file["ratios"][steps][every]) for every in kinds)])
    header = ["time steps"]
    for every in by_kind:
        header += [f"`checkpoint_every={every}`: MiB", "ms"]
    return table([*header, *(f"ms, {every} / None" for every in kinds)], rows)


def streaming(file: dict) -> str:
    """Latency of one step of a SavedModel and of a Keras model."""
    rows = [
        [
            batch,
            side,
            f"{row['median_microseconds']:,.0f}",
            f"{row['p95_microseconds']:,.0f}",
            f"{row['ratio']:,.2f}",
        ]
        for batch, by_side in file["results"].items()
        for side, row in by_side.items()
    ]
    return table(["batch", "side", "median µs", "95th percentile", "x / rnnzoo"], rows)


def limits(file: dict) -> str:
    """How far each layer is from a single large product with as many operations."""
    return table(
        [
            "layer",
            "batch, steps, inputs, units",
            "step ms",
            "one product ms",
            "GFLOP/s of it",
            "product / step",
        ],
        [
            [
                f"`{layer}`" if " " not in layer else layer,
                shape.replace(",", ", "),
                f"{row['rnnzoo']['ms']['median']:.1f}",
                f"{row['product']['ms']:.1f}",
                f"{row['product']['gflops']:.0f}",
                shown(row["product"]["ratio"]),
            ]
            for shape, by_layer in file["results"].items()
            for layer, row in by_layer.items()
        ],
    )


def first_steps(file: dict) -> str:
    """What the first step takes, tracing and compiling."""
    results = file["results"]
    return table(
        ["layer", "batch, steps, inputs, units", "rnnzoo s", "keras s"],
        [
            [
                f"`{layer}`" if " " not in layer else layer,
                shape.replace(",", ", "),
                *(shown(row[side]["first_step_seconds"]) for side in ("rnnzoo", "keras")),
            ]
            for shape, by_layer in results.items()
            for layer, row in by_layer.items()
        ],
    )


def layers_grid(file: dict) -> str:
    """Keras's time / ours over many sizes."""
    results = file["results"]
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


def word_loss(file: dict) -> str:
    """The loss of words without all their logits, against all of them."""
    return table(
        ["words to predict", "vocabulary", "in parts, ms", "all logits, ms", "times as fast"],
        [
            [
                f"{row['words']:,}",
                f"{row['vocabulary']:,}",
                shown(row["by_parts_ms"], 1),
                shown(row["at_once_ms"], 1),
                shown(row["times_as_fast"]),
            ]
            for row in file["figures"]
        ],
    )


def over_seeds(runs: list[dict], column: str, digits: int = 3, unit: float = 1) -> str:
    """What a column has over runs, empty where it has nothing."""
    values = [float(run[column]) / unit for run in runs if run[column] != ""]
    return shown(spread(values), digits) if values else ""


def by_model(name: str, *keys: str) -> dict[tuple, list[dict]]:
    """The rows of a results file, by what the columns named keys hold."""
    runs: dict[tuple, list[dict]] = {}
    for row in read_csv(RESULTS / f"{name}.csv"):
        runs.setdefault(tuple(row[key] for key in keys), []).append(row)
    return runs


# Of the simple things a results file says no parameters, and no seed changes them.


def model_cell(model: str, runs: list[dict]) -> str:
    """A model's name as code, what it was told behind it; the name of a simple thing."""
    name, comma, how = model.partition(",")
    return f"`{name}`{comma}{how}" if runs[0]["parameters"] else model


def seeds_cell(runs: list[dict]) -> str:
    """How many seeds there are; empty of a simple thing."""
    return str(len(runs)) if runs[0]["parameters"] else ""


def parameters_cell(runs: list[dict]) -> str:
    """How many parameters a model has; empty of a simple thing."""
    return f"{int(runs[0]['parameters']):,}" if runs[0]["parameters"] else ""


def picture_models(name: str) -> str:
    """Models of pictures beside as many convolutions and the simple things."""
    return table(
        ["model", "parameters", "seeds", "validation accuracy", "test accuracy", "minutes of CPU"],
        [
            [
                model_cell(model, runs),
                parameters_cell(runs),
                seeds_cell(runs),
                over_seeds(runs, "validation_accuracy", 4),
                over_seeds(runs, "test_accuracy", 4),
                over_seeds(runs, "cpu_seconds", 1, 60),
            ]
            for (model,), runs in by_model(f"picture_models_{name}", "model").items()
        ],
    )


def feedback() -> str:
    """Taggers that are fed their own tags, beside one that is not."""
    columns = ("test_accuracy", "test_accuracy_of_a_beam", "test_accuracy_fed_the_truth")
    header = ["data", "model", "parameters", "seeds", "test accuracy", "beam of 4", "fed the truth"]
    return table(
        [*header, "whole sequences", "nats a tag"],
        [
            [
                data,
                model_cell(model, runs),
                parameters_cell(runs),
                seeds_cell(runs),
                *(over_seeds(runs, column) for column in columns),
                over_seeds(runs, "test_sequence_accuracy"),
                over_seeds(runs, "test_nats"),
            ]
            for (data, model), runs in sorted(
                by_model("feedback", "data", "model").items(), key=lambda of_one: of_one[0][0]
            )
        ],
        left=2,
    )


def long_term() -> str:
    """How wrong each cell is on the tasks of memory, by length: medians over the seeds."""
    scores = {
        key: f"{median(float(run['score']) for run in runs):.2g}"
        for key, runs in by_model("long_term", "task", "length", "cell").items()
    }
    places = by_model("long_term", "task", "length", "measure", "baseline")
    cells = ("rnn", "leaky", "skip", "gru", "lstm")
    return table(
        ["task", "measure", "steps", "no memory", *(f"`memory_{cell}`" for cell in cells)],
        [
            [
                f"`{task}`",
                measure,
                steps,
                f"{float(baseline):.2g}",
                *(scores.get((task, steps, cell), "") for cell in cells),
            ]
            for task, steps, measure, baseline in sorted(places, key=lambda of: (of[0], int(of[1])))
        ],
        left=2,
    )


def long_term_positions() -> str:
    """Weights that are shared over time beside those of each position, on longer sequences."""
    runs = by_model("long_term_positions", "weights", "parameters", "length")
    scores = {key: median(float(run["score"]) for run in of) for key, of in runs.items()}
    lengths = list(dict.fromkeys(length for *_, length in runs))
    return table(
        ["weights", "parameters", *(f"{length} steps" for length in lengths)],
        [
            [
                weights,
                f"{int(parameters):,}",
                *(f"{scores[weights, parameters, length]:.2g}" for length in lengths),
            ]
            for weights, parameters in dict.fromkeys(key[:2] for key in runs)
        ],
    )


def name_models() -> str:
    """Models of names, by either way to end, beside a Markov chain."""
    ends = {"stop": "a stop symbol", "model": "a model of the length"}
    header = ["model", "what ends a name", "seeds", "parameters", "validation bits", "test bits"]
    return table(
        [*header, "new", "valid"],
        [
            [
                model_cell(model, runs),
                ends[length],
                seeds_cell(runs),
                parameters_cell(runs),
                *(
                    over_seeds(runs, column)
                    for column in ("validation_bits", "test_bits", "test_new", "test_valid")
                ),
            ]
            for (model, length), runs in by_model(
                "name_models_python_names", "model", "length"
            ).items()
        ],
        left=2,
    )


def char_conditions() -> str:
    """A character model told a label in each way, beside one that is told none, and a chain."""
    told = {
        "none": "nothing",
        "input": "as one more input",
        "state": "as the initial state",
        "both": "as both",
    }
    runs_of = by_model("char_conditions_python_lines", "condition")
    rows = [
        [
            f"`char_lstm`, told {told[condition]}",
            str(len(runs)),
            over_seeds(runs, "validation_bits"),
            over_seeds(runs, "test_bits"),
        ]
        for (condition,), runs in runs_of.items()
    ]
    chain = runs_of[("none",)][:1]
    columns = ("validation_bits_of_the_chain", "test_bits_of_the_chain")
    rows.append(["Markov chain", "", *(over_seeds(chain, column) for column in columns)])
    return table(["model", "seeds", "validation bits", "test bits"], rows)


def forecast_sets(file: dict) -> str:
    """Forecasts from rolling origins, beside the simple things."""
    rows = []
    for name, row in file["results"].items():
        scores = "scaled CRPS" if row["kind"] != "wet" else "CRPS"
        fitted = {n: of for n, of in row.items() if isinstance(of, dict)}
        simple = [n for n, of in fitted.items() if "seeds" not in of and n != "ETS"]
        best = min(simple, key=lambda n: row[n][scores]["value"])
        rows.append(
            [name, f"{row['series']:,}", str(row["horizon"]), f"{row['forecasts']:,}"]
            + [f"{_figure(row[best], scores)} ({best.split(' (')[0]})"]
            + [_figure(row.get("ETS"), scores), _figure(row.get("forecast_gru"), scores)]
            + [_figure(row.get("forecast_gru"), "coverage of 80%", 2)]
        )
    header = ["set", "series", "horizon", "forecasts", "best simple thing", "ETS"]
    return table([*header, "`forecast_gru`", "within its 80 %"], rows)


def forecast_models() -> str:
    """Other cells, and all steps told at once, on the sets where they were tried."""
    results = json.loads((RESULTS / "forecast_sets.json").read_text())["results"]
    rows = []
    for name, row in results.items():
        models = [n for n, of in row.items() if isinstance(of, dict) and "seeds" in of]
        rows += [
            [name, model_name(model), *(_figure(row[model], m) for m in ("scaled CRPS", "MASE"))]
            + [_figure(row[model], "coverage of 80%", 2)]
            for model in sorted(models)
            if len(models) > 1
        ]
    return table(["set", "model", "scaled CRPS", "MASE", "within its 80 %"], rows, left=2)


def model_name(model: str) -> str:
    """A model and its options, as a cell shows it.

    >>> model_name("forecast_gru ahead=horizon")
    '`forecast_gru`, ahead=horizon'
    """
    name, *options = model.split()
    return ", ".join([f"`{name}`", *options])


def _figure(of_one: dict | None, measure: str, digits: int = 3) -> str:
    """Of a measure its value, or its mean and deviation over seeds; empty where there is none."""
    found = (of_one or {}).get(measure)
    if found is None:
        return ""
    if isinstance(found, dict):
        return f"{found['value']:.{digits}f}"
    deviation = of_one.get(f"{measure}_sd")
    return f"{found:.{digits}f}" + (f" ± {deviation:.{digits}f}" if deviation else "")


def regression_sets(file: dict) -> str:
    """Mean absolute errors of regressors with their defaults, beside the simple things."""
    results = file["results"]
    everything = dict.fromkeys(n for row in results.values() for n in row if n != "examples")
    models = [n for n in everything if n.startswith("regress_")]
    simple = [n for n in everything if n not in models]
    rows = []
    for name, row in results.items():
        measure = next(iter(row[simple[0]]))
        band = next(m for m in row[simple[0]] if "80" in m)
        rows.append(
            [name, f"{row['examples']:,}", *(_figure(row.get(n), measure) for n in everything)]
            + [_figure(row.get(n), band, 2) for n in models]
        )
    header = ["set", "test", *simple, *(f"`{n}`" for n in models)]
    return table([*header, *(f"`{n}`, in its 80 %" for n in models)], rows)


def forecast_size(file: dict) -> str:
    """How long a forecaster takes with many long series, and what it reaches on validation."""
    found = file["results"]
    measures = ("scaled CRPS", "MASE", "coverage of 80%")
    costs = [f"{found[c]:.1f}" for c in ("minutes", "minutes_of_training", "peak_gigabytes")]
    rows = []
    for name, of_one in found["validation"].items():
        ours = " " not in name
        row = [f"{found['series']:,} x {found['steps']:,}", f"`{name}`" if ours else name]
        row += [f"{of_one[measure]:.2f}" for measure in measures]
        rows.append(row + (costs if ours else [""] * len(costs)))
    header = ["series x steps", "model", *measures]
    return table([*header, "minutes", "of them training", "GB"], rows)


def anomalies() -> str:
    """Average precision of surprises at what was changed in series, beside simple scores."""
    runs = by_model("anomalies", "data", "how")
    ways = {"surprise": "surprise", **{f"the {one} before": one for one in ("season", "value")}}
    rows = []
    for name in dict.fromkeys(data for data, _ in runs):
        of_set = {how: runs.get((name, how)) for how in ways}
        ours = of_set["surprise"]
        rows.append(
            [
                name,
                over_seeds(ours, "by_chance", 2),
                *(over_seeds(of, "average_precision", 2) if of else "" for of in of_set.values()),
                *(over_seeds(of, "found", 2) if of else "" for of in of_set.values()),
            ]
        )
    header = ["set", "by chance"]
    header += [f"average precision: {way}" for way in ways] + [f"found: {way}" for way in ways]
    return table(header, rows)


def forecast_peer() -> str:
    """A forecaster beside a public peer of the same kind, at equal seconds."""
    return table(
        ["set", "model", "parameters", "seconds", "ms a step", "scaled CRPS", "MASE", "in 80 %"],
        [
            [
                name,
                f"`{model}`" if model.startswith("forecast") else model,
                parameters_cell(runs),
                over_seeds(runs, "seconds", 0),
                shown(spread([1e3 * float(r["seconds"]) / int(r["steps"]) for r in runs]), 0),
                over_seeds(runs, "scaled CRPS"),
                over_seeds(runs, "MASE"),
                over_seeds(runs, "coverage of 80%", 2),
            ]
            for (name, model), runs in by_model("forecast_peer", "data", "model").items()
        ],
        left=2,
    )


def hidden_markov(file: dict) -> str:
    """The forward algorithm by products of matrices, and by sums over pairs of states."""
    names = {"matrix": "products of matrices", "pairs": "a sum over pairs of states"}
    return table(
        ["what", "how", "seconds", "MB", "times as fast"],
        [
            [
                part,
                names[how],
                shown(file[part][how]["seconds"]),
                shown(file[part][how]["megabytes"], 0),
                shown(file[part][how]["times_as_fast_as_pairs"], 1),
            ]
            for part in ("forward", "with gradients")
            for how in names
        ],
        left=2,
    )


def feedback_speed(file: dict) -> str:
    """A training step of taggers that remember the last tag, a state, or both."""
    names = {
        "tagger_output_rnn": "the last tag (`tagger_output_rnn`)",
        "tagger_rnn": "a state (`tagger_rnn`)",
        "and recurrence over states": "both",
        "scheduled sampling": "the last tag, scheduled sampling",
    }
    return table(
        ["length", "what a step remembers", "ms", "times the first"],
        [
            [length, said, shown(of[name]["milliseconds"], 0), shown(of[name]["times_the_first"])]
            for length, of in file["steps"].items()
            for name, said in names.items()
        ],
        left=2,
    )


def grid(file: dict) -> str:
    """Forward and backward through a two-dimensional layer, against loops over rows and columns."""
    return table(
        ["how", "ms", "times as fast as nested loops", "first pass, s"],
        [
            [
                {"nested": "nested `tf.while_loop`"}.get(how, how),
                shown(of["milliseconds"], 0),
                shown(of["times_as_fast_as_nested"], 1),
                str(of["first_pass_seconds"]),
            ]
            for how, of in file["passes"].items()
        ],
    )


def of_json(make, name: str) -> str:
    """The table that ``make`` makes of a results file, below the command that wrote the file."""
    file = json.loads((RESULTS / f"{name}.json").read_text())
    return f"`{file['command']}`:\n\n{make(file)}"


# One table on a page: its first line, its name, its last line.
MARKED = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)

TABLES = {
    "flagship": flagship,
    "best_run": best_run,
    "char_models": char_models,
    "char_deep": char_deep,
    "activity_models": activity_models,
    "activity_models_moving_emoji": partial(activity_models, "activity_models_moving_emoji"),
    "picture_models_digits": partial(picture_models, "digits"),
    "picture_models_openmoji_outlines": partial(picture_models, "openmoji_outlines"),
    "feedback": feedback,
    "long_term": long_term,
    "long_term_positions": long_term_positions,
    "name_models": name_models,
    "char_conditions": char_conditions,
    "forecast_sets": partial(of_json, forecast_sets, "forecast_sets"),
    "forecast_models": forecast_models,
    "forecast_size": partial(of_json, forecast_size, "forecast_size"),
    "regression_sets": partial(of_json, regression_sets, "regression_sets"),
    "anomalies": anomalies,
    "forecast_peer": forecast_peer,
    "feedback_speed": partial(of_json, feedback_speed, "feedback_speed"),
    "grid": partial(of_json, grid, "grid"),
    "hidden_markov": partial(of_json, hidden_markov, "hidden_markov"),
    "series_sets": partial(of_json, series_sets, "series_sets"),
    "tagging_models_ud_english_ewt": partial(tagging_models, "ud_english_ewt"),
    "tagging_models_python_tokens": partial(tagging_models, "python_tokens"),
    "tagging_sets": partial(of_json, tagging_sets, "tagging_sets"),
    "recipes_sequence_tagging": partial(of_json, recipes, "recipes_sequence_tagging"),
    "caption_models_emoji_captions": partial(writing_models, "caption_models_emoji_captions"),
    "caption_models_moving_emoji": partial(writing_models, "caption_models_moving_emoji"),
    "caption_models_emoji_scenes": partial(scene_models, "emoji_scenes"),
    "caption_models_moving_scenes": partial(scene_models, "moving_scenes"),
    "caption_names": partial(of_json, caption_names, "caption_names"),
    "caption_decoding": partial(of_json, partial(speeds, "per_second", 1), "caption_decoding"),
    "translation_models_ui_messages": partial(
        of_json, partial(translators, "ui_messages"), "translation_models"
    ),
    "translation_sentences": partial(of_json, translation_sentences, "translation_sentences"),
    "recipes_text_generation": partial(of_json, recipes, "recipes_text_generation"),
    "recipes_translation": partial(of_json, recipes, "recipes_translation"),
    "recipes_captioning": partial(of_json, recipes, "recipes_captioning"),
    "translation_training": partial(
        of_json, partial(speeds, "sentences_per_second", 1), "translation_training"
    ),
    "translation_decoding": partial(
        of_json, partial(speeds, "per_second", 1), "translation_decoding"
    ),
    "translation_states": partial(of_json, translation_states, "translation_states"),
    "generation": partial(of_json, partial(speeds, "characters_per_second", 0), "generation"),
    "pipeline": partial(of_json, pipeline, "pipeline"),
    "layers": partial(of_json, layers, "layers"),
    "layers_mixed_bfloat16": partial(of_json, layers, "layers_mixed_bfloat16"),
    "precision": precision,
    "skip_delays": partial(of_json, skip_delays, "skip_delays"),
    "long_sequences": partial(of_json, long_sequences, "long_sequences"),
    "streaming": partial(of_json, streaming, "streaming"),
    "limits": partial(of_json, limits, "layers"),
    "first_steps": partial(of_json, first_steps, "layers"),
    "layers_grid": partial(of_json, layers_grid, "layers_grid"),
    "word_loss": partial(of_json, word_loss, "word_loss"),
}


def pages() -> list[Path]:
    """The README and every page of docs/."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def filled(text: str) -> str:
    """A page's text, each table as the results have it.

    Raises:
        ValueError: a marked table has no last line, or a name that is not in `TABLES`.
    """
    if text.count("<!-- begin ") != len(MARKED.findall(text)):
        raise ValueError("a line <!-- begin NAME --> has no <!-- end NAME --> below it")

    def made(match: re.Match) -> str:
        begin, name, end = match.groups()
        if name not in TABLES:
            raise ValueError(f"no table is named {name!r}; there are {', '.join(sorted(TABLES))}")
        return begin + TABLES[name]() + end

    return MARKED.sub(made, text)


def table(header: list[str], rows: list[list[str]], left: int = 1) -> str:
    """A Markdown table, the first `left` columns left-aligned, the others right-aligned."""
    lines = [header, ["---"] * left + ["---:"] * (len(header) - left), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


if __name__ == "__main__":
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if (new := filled(text)) != text:
            write_text(page, new)
            print(f"written: {page.relative_to(ROOT)}")
