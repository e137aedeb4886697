"""How fast does a character model write, against what one would write by hand?

    python benchmarks/generation.py
    python benchmarks/generation.py --model runs/x

Measures characters per second of one LSTM's greedy text, written by

- rnnzoo: `TextGenerator.generate`, one compiled loop,
- keras: a Keras model of one step, its state as inputs and outputs, called for each character: by
  `predict`, as in Keras's own example lstm_seq2seq, whose time is mostly what each call of
  `predict` sets up; and in a `tf.function`, without and with XLA,
- torch: a torch.nn.LSTM, one step for each character, if PyTorch is installed; with its default
  number of threads and with one, which is faster where a step is small or the machine is busy.

All have the same weights and must write the same text. They take turns, round after round; the
median round counts, and what a first call takes longer (tracing, compiling) is reported apart.
Prints a table and writes benchmarks/results/generation.json.
"""

import argparse
import functools
import string
import time
from pathlib import Path
from statistics import median

import numpy as np
import record
from stepper import keras_steppers

import rnnzoo
from rnnzoo.platform import keras
from rnnzoo.training import load_model

PROMPTS = string.ascii_letters  # a text begins with one letter, so that all it costs is writing
COMPARED = 200  # characters of each text that must be the same


def rnnzoo_writer(model):
    """`TextGenerator.generate`."""
    return lambda prompts, length: model.generate(prompts, length, temperature=0)


def keras_writer(model, step):
    """A loop over a Keras model that takes one step."""
    (layer,) = model.recurrent.layers

    def write(prompts, length):
        ids = model.vocabulary.ids("".join(prompts))
        state = [np.zeros((len(prompts), layer.units), "float32")] * 2
        written = []
        for _ in range(length):
            ids, *state = step(ids, state)
            written.append(ids)
        return [model.vocabulary.text(row) for row in np.stack(written, axis=1)]

    return write


def greedy(logits):
    """The likeliest id; id 0, the unknown character, is not written."""
    return keras.ops.argmax(logits[:, 1:], axis=-1) + 1


def torch_writers(model):
    """By name, loops over a PyTorch model that takes one step; they differ in threads only."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    (layer,) = model.recurrent.layers
    embedding = torch.nn.Embedding(model.vocabulary.size, model.embedding_size)
    lstm = torch.nn.LSTM(model.embedding_size, layer.units)
    output = torch.nn.Linear(layer.units, model.vocabulary.size)
    kernel, recurrent_kernel, bias = layer.get_weights()  # blocks i f g o, as PyTorch's
    out_kernel, out_bias = model.output_layer.get_weights()
    arrays = {
        embedding: model.embedding.get_weights(),
        lstm: [kernel.T, recurrent_kernel.T, bias, np.zeros_like(bias)],
        output: [out_kernel.T, out_bias],
    }
    for module, values in arrays.items():
        module.to(device)
        for parameter, value in zip(module.parameters(), values, strict=True):
            parameter.data.copy_(torch.tensor(value))

    @torch.no_grad()
    def write(threads, prompts, length):
        torch.set_num_threads(threads)
        ids = torch.tensor(model.vocabulary.ids("".join(prompts)), device=device)
        state, written = None, []
        for _ in range(length):
            h, state = lstm(embedding(ids)[None], state)
            ids = output(h[0])[:, 1:].argmax(dim=-1) + 1
            written.append(ids)
        return [model.vocabulary.text(row) for row in torch.stack(written, dim=1).tolist()]

    return {
        f"torch, {threads} thread{'s' * (threads > 1)}": functools.partial(write, threads)
        for threads in sorted({1, torch.get_num_threads()})
    }


def measure(writers: dict, lengths: dict, batch_size: int, rounds: int) -> dict:
    """Figures of each writer for one batch size."""
    prompts = list(PROMPTS[:batch_size])
    seconds, texts = {name: [] for name in writers}, {}
    for _ in range(1 + rounds):
        for name, write in writers.items():
            begin = time.perf_counter()
            texts[name] = write(prompts, lengths[name])
            seconds[name].append(time.perf_counter() - begin)
            for text, right in zip(texts[name], texts["rnnzoo"], strict=True):
                compared = min(COMPARED, len(text), len(right))
                assert text[:compared] == right[:compared], f"{name}: {text!r} is not {right!r}"

    rows = {}
    for name, (first, *others) in seconds.items():
        speeds = [batch_size * lengths[name] / s for s in others]
        rows[name] = {
            "characters_per_second": round(median(speeds), 1),
            "slowest": round(min(speeds), 1),
            "fastest": round(max(speeds), 1),
            "length": lengths[name],
            "first_call_extra_seconds": round(max(0.0, first - median(others)), 2),
        }
        ratio = rows["rnnzoo"]["characters_per_second"] / rows[name]["characters_per_second"]
        rows[name]["rnnzoo_is_times_as_fast"] = round(ratio, 1)
    return rows


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="char_lstm", help="as `rnnzoo generate` takes it")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--length", type=int, default=4000, help="characters a text")
    parser.add_argument("--predict-length", type=int, default=COMPARED, help="by predict")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    if not 1 <= min(arguments.batch_sizes) <= max(arguments.batch_sizes) <= len(PROMPTS):
        parser.error(f"--batch-sizes {arguments.batch_sizes}: expected 1 to {len(PROMPTS)}")

    model = load_model(arguments.model)
    if [type(layer) for layer in model.recurrent.layers] != [rnnzoo.layers.LSTM]:
        parser.error(f"{arguments.model} is not a model of one LSTM layer such as char_lstm")
    writers = {"rnnzoo": rnnzoo_writer(model)}
    for name, step in keras_steppers(model, head=greedy).items():
        writers[name] = keras_writer(model, step)
    packages = ["tensorflow", "keras", "rnnzoo"]
    try:
        writers |= torch_writers(model)
        packages.append("torch")
    except ModuleNotFoundError:
        print("torch is left out: it is not installed (pip install -e '.[bench]')")
    lengths = dict.fromkeys(writers, arguments.length)
    lengths["keras, predict"] = arguments.predict_length

    results = {}
    print("batch  writer               characters/s   slowest - fastest      rnnzoo is  first call")
    for batch_size in arguments.batch_sizes:
        results[str(batch_size)] = measure(writers, lengths, batch_size, arguments.rounds)
        for name, row in results[str(batch_size)].items():
            print(
                f"{batch_size:5}  {name:18} {row['characters_per_second']:14,.0f}   "
                f"{row['slowest']:,.0f} - {row['fastest']:,.0f}".ljust(64)
                + f"{row['rnnzoo_is_times_as_fast']:9.1f} x"
                f"  + {row['first_call_extra_seconds']:.1f} s",
                flush=True,
            )

    record.write(
        "generation",
        {
            "what": "greedy characters per second by batch size, median of the rounds",
            "model": Path(arguments.model).name,
            "units": model.recurrent.layers[0].units,
            "vocabulary": model.vocabulary.size,
            "rounds": arguments.rounds,
            "same_characters": COMPARED,
            "results": results,
        },
        packages,
    )


if __name__ == "__main__":
    main()
