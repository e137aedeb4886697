"""How fast does one recurrent layer train, against Keras's and PyTorch's?

    python benchmarks/layers.py
    python benchmarks/layers.py --policy mixed_bfloat16
    python benchmarks/layers.py --grid
    python benchmarks/layers.py --skip
    python benchmarks/layers.py --memory

Measures training steps (forward, mean squared error, backward, Adam) of a model that is one layer
with return_sequences=True:

- rnnzoo: the step that `fit` makes by default, on batches of a tf.data iterator,
- keras: the same with the layer of that name in keras.layers; where Keras has none, with
  keras.layers.RNN and the very same cell,
- torch: the same kind of step in PyTorch, if it is installed, of torch.nn.LSTM, GRU and RNN.

All have the same weights. Their outputs must agree before any training, and so must the losses of
the first steps. Then they take turns. A brief step is made twice a turn and the second one counts,
as the first may still share the cores with threads that another side left running.

The whole is done in several fresh processes, since what one process gets (memory layout, the load
of a shared machine) stays with it. A process's figure is its median step. Reported are the median
of the processes' figures, the least and the greatest; ratios are taken within each process. What
the first step takes (tracing, compiling) is reported apart.

Beside them stands "product": what the step would take if all its products were one, with nothing
else to do and no order of time to do it in. It is the number of their operations by the rate of a
single square product, with as many operations as an LSTM of that shape has, in a process where
nothing else runs; the best of all repetitions in all processes, so that layers of equal work have
equal products, and a busy moment doesn't count.

--grid does it over many sizes in one process each, --skip for `SkipDelayRNN`, --memory measures the
peak resident memory of steps on long sequences with and without ``checkpoint_every``, each in a
process of its own. Prints a table and writes benchmarks/results/layers.json,
layers_mixed_bfloat16.json, layers_grid.json, skip_delays.json or long_sequences.json.
"""

import argparse
import importlib.util
import itertools
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
import record
from record import shown, spread

import rnnzoo
from rnnzoo.platform import keras, tf

SHAPES = ["32,100,64,128", "64,100,128,256"]  # batch, steps, inputs, units
GRID = [
    f"{batch},{steps},{units},{units}"
    for units, steps, batch in itertools.product((32, 128, 512), (20, 100, 400), (8, 32, 128))
]
SKIP_SHAPE = "32,128,64,128"
LONG = {"batch": 8, "inputs": 64, "units": 128}
LONG_STEPS = (1000, 2500, 5000, 10000)
CHECKPOINT_EVERY = (None, 100)
TOLERANCE = {"float32": 1e-4, "mixed_bfloat16": 5e-2}  # of outputs, which are of order 0.1 to 1
BRIEF = 0.1  # seconds; a step that takes less is made twice a turn
LEAST_STEPS = 5  # that a median is taken of, however long they take
COMPARED_LOSSES = 3


class MinimalGatedCell(rnnzoo.Cell):
    """The cell of docs/cells.md."""

    def build(self, input_shape):
        self.W = self.add_weight(shape=(input_shape[-1], 2 * self.units))
        self.U = self.add_weight(shape=(self.units, 2 * self.units))

    def project(self, x):
        return x @ self.W

    def recur(self, state):
        return state[0] @ self.U

    def update(self, input_term, recurrent_term, state):
        x_f, x_h = keras.ops.split(input_term, 2, axis=-1)
        u_f, u_h = keras.ops.split(recurrent_term, 2, axis=-1)
        f = keras.ops.sigmoid(x_f + u_f)
        h = (1 - f) * state[0] + f * keras.ops.tanh(x_h + f * u_h)
        return h, [h]


OURS = {
    "LSTM": rnnzoo.layers.LSTM,
    "GRU": rnnzoo.layers.GRU,
    "SimpleRNN": rnnzoo.layers.SimpleRNN,
    "LeakyRNN": rnnzoo.layers.LeakyRNN,
    "own cell": lambda units, **how: rnnzoo.Recurrent(MinimalGatedCell(units), **how),
}
KERAS = {
    "LSTM": keras.layers.LSTM,
    "GRU": keras.layers.GRU,
    "SimpleRNN": keras.layers.SimpleRNN,
    "LeakyRNN": lambda units, **how: keras.layers.RNN(rnnzoo.cells.LeakyRNNCell(units), **how),
    "own cell": lambda units, **how: keras.layers.RNN(MinimalGatedCell(units), **how),
}
TORCH = {"LSTM": "LSTM", "GRU": "GRU", "SimpleRNN": "RNN"}
COLUMNS = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1, "LeakyRNN": 1, "own cell": 2}  # per unit
GRID_LAYERS = ["LSTM", "GRU", "LeakyRNN", "own cell"]


class KerasSide:
    """A Keras model of one layer, ours or Keras's, and its training step."""

    def __init__(self, layer, x, y):
        self.x = x
        self.model = keras.Sequential([keras.Input(x.shape[1:]), layer])
        self.model.compile(optimizer=keras.optimizers.Adam(), loss="mse")
        self.batches = iter(tf.data.Dataset.from_tensors((x, y)).cache().repeat())
        self.model.make_train_function()

    def outputs(self):
        return self.model.predict_on_batch(self.x).astype("float32")

    def step(self):
        return float(self.model.train_function(self.batches)["loss"])

    def forget_losses(self):
        self.model.reset_metrics()  # else the loss is a mean over all steps so far


class TorchSide:
    """A PyTorch module with a Keras layer's weights, and its training step."""

    def __init__(self, name, weights, x, y):
        import torch

        device = "cuda" if torch.cuda.is_available() else "cpu"
        self.torch = torch
        self.x, self.y = (torch.tensor(a, device=device) for a in (x, y))
        self.module = getattr(torch.nn, TORCH[name])(x.shape[-1], y.shape[-1], batch_first=True)
        self.module.to(device)
        for parameter, value in zip(
            self.module.parameters(), torch_weights(name, *weights), strict=True
        ):
            parameter.data.copy_(torch.tensor(value))
        self.optimizer = torch.optim.Adam(self.module.parameters())

    def outputs(self):
        with self.torch.no_grad():
            return self.module(self.x)[0].cpu().numpy()

    def step(self):
        self.optimizer.zero_grad()
        loss = self.torch.nn.functional.mse_loss(self.module(self.x)[0], self.y)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def forget_losses(self):
        """Nothing to forget: the loss is each step's own."""


def operations(name, batch, steps, inputs, units):
    """Additions and multiplications in all products of a layer's training step."""
    # Forward and by the weights W (inputs), and forward, by U and by the state (units).
    return 2 * batch * steps * COLUMNS[name] * units * (2 * inputs + 3 * units)


def torch_weights(name, kernel, recurrent_kernel, bias):
    """A Keras layer's weights as PyTorch keeps them: transposed, two biases, GRU's gates r z n."""

    def in_order(a):
        if name != "GRU":
            return a  # LSTM: blocks i f g o in both
        z, r, n = np.split(a, 3, axis=-1)
        return np.concatenate([r, z, n], axis=-1)

    biases = bias if name == "GRU" else (bias, np.zeros_like(bias))
    return [in_order(a).T for a in (kernel, recurrent_kernel)] + [in_order(b) for b in biases]


def batch_of(batch, steps, inputs, units):
    """An input and a target of random numbers."""
    random = np.random.default_rng(0)
    sizes = (batch, steps, inputs), (batch, steps, units)
    return [random.normal(size=size).astype("float32") for size in sizes]


def timed(step):
    """Seconds that one call takes, and what it returns."""
    begin = time.perf_counter()
    result = step()
    return time.perf_counter() - begin, result


def take_turns(sides: dict, seconds: float) -> tuple[dict, dict]:
    """Of each side the median step in ms with the first one's seconds, and its first losses."""
    first, last, losses = {}, {}, {}
    for name, side in sides.items():
        first[name], loss = timed(side.step)
        losses[name] = [loss]
        for _ in range(COMPARED_LOSSES - 1):
            side.forget_losses()
            last[name], loss = timed(side.step)
            losses[name].append(loss)
    times = {name: [] for name in sides}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[name]) < LEAST_STEPS:
        for name, side in sides.items():
            if last[name] < BRIEF:
                side.step()
            last[name], _ = timed(side.step)
            times[name].append(last[name])
    figures = {
        name: {
            "ms": 1000 * median(times[name]),
            "first_step_seconds": first[name],
            "steps": len(times[name]),
        }
        for name in sides
    }
    return figures, losses


def compare(shape, layers, policy, seconds, with_torch):
    """Of each layer, the figures of all sides; first they must agree."""
    batch, steps, inputs, units = shape
    x, y = batch_of(*shape)
    results = {}
    for name in layers:
        sides = {
            "rnnzoo": KerasSide(OURS[name](units, return_sequences=True), x, y),
            "keras": KerasSide(KERAS[name](units, return_sequences=True), x, y),
        }
        # Also biases that don't start at zero; small enough for a network that is not chaotic.
        random = np.random.default_rng(1)
        weights = [
            random.normal(0, 0.5 * units**-0.5, w.shape).astype("float32")
            for w in sides["rnnzoo"].model.get_weights()
        ]
        for side in sides.values():
            side.model.set_weights(weights)
        if with_torch and name in TORCH:
            sides["torch"] = TorchSide(name, weights, x, y)
        outputs = {side: s.outputs() for side, s in sides.items()}
        results[name], losses = take_turns(sides, seconds)
        for side in sides:
            apart = float(np.abs(outputs[side] - outputs["rnnzoo"]).max())
            assert apart < TOLERANCE[policy], f"{name}: outputs of {side} are {apart} from ours"
            # PyTorch's second bias learns too, so only its first loss is the same.
            n = 1 if side == "torch" else COMPARED_LOSSES
            of_both = losses[side][:n], losses["rnnzoo"][:n]
            assert np.allclose(*of_both, rtol=TOLERANCE[policy]), f"{name}: losses {of_both}"
    return results


def product_rate(shape, policy, seconds):
    """Operations a second of the fastest of many square products."""
    side = round((operations("LSTM", *shape) / 2) ** (1 / 3))
    a, b = (tf.ones((side, side), keras.DTypePolicy(policy).compute_dtype) for _ in range(2))
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < LEAST_STEPS:
        times.append(timed(lambda: float((a @ b)[0, 0]))[0])
    return 2 * side**3 / min(times)


def compare_skip(seconds):
    """Figures of `SkipDelayRNN` with several delays, and of the same cell in Keras's loop."""
    shape = tuple(map(int, SKIP_SHAPE.split(",")))
    x, y = batch_of(*shape)
    sides = {
        str(delays): KerasSide(
            rnnzoo.layers.SkipDelayRNN(shape[-1], delays=delays, return_sequences=True), x, y
        )
        for delays in ((1,), (8,), (1, 8))
    }
    cell = rnnzoo.cells.SkipDelayRNNCell(shape[-1], delays=(8,))
    sides["keras (8,)"] = KerasSide(keras.layers.RNN(cell, return_sequences=True), x, y)
    sides["keras (8,)"].model.set_weights(sides["(8,)"].model.get_weights())
    apart = float(np.abs(sides["keras (8,)"].outputs() - sides["(8,)"].outputs()).max())
    assert apart < TOLERANCE["float32"], f"outputs of keras are {apart} from ours"
    return take_turns(sides, seconds)[0]


def long_sequence(steps, checkpoint_every, seconds):
    """Time of a step on long sequences, and the peak resident memory of this process."""
    x, y = batch_of(LONG["batch"], steps, LONG["inputs"], LONG["units"])
    layer = rnnzoo.layers.LSTM(
        LONG["units"], return_sequences=True, checkpoint_every=checkpoint_every
    )
    side = KerasSide(layer, x, y)
    before = peak_mib()
    (figures,) = take_turns({"rnnzoo": side}, seconds)[0].values()
    after = peak_mib()
    return {**figures, "mib_before": before, "mib": after, "mib_more": after - before}


def peak_mib() -> float:
    """Most memory that this process has had resident so far."""
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux KiB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


TASKS = {
    "compare": compare,
    "product": product_rate,
    "skip": compare_skip,
    "memory": long_sequence,
}


def work(task, policy="float32", **settings):
    """What a process of its own does: the result of one of TASKS."""
    keras.config.set_dtype_policy(policy)
    if task in ("compare", "product"):
        settings["policy"] = policy
    return TASKS[task](**settings)


def in_fresh_process(**task):
    """The result of `work` in a process of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), "--worker", json.dumps(task)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{done.stderr}\nfailed: {task}")
    return json.loads(done.stdout.splitlines()[-1])


def over_processes(rounds: list[dict]) -> dict:
    """Each figure's spread over the processes, from the figures of each by side."""
    return {
        side: {figure: spread([of[side][figure] for of in rounds]) for figure in rounds[0][side]}
        for side in rounds[0]
    }


def ratio(rounds, of, to) -> dict:
    """The spread of side ``of``'s time divided by side ``to``'s, in the same process."""
    return spread([figures[of]["ms"] / figures[to]["ms"] for figures in rounds])


def product(name, shape, rate, rounds) -> dict:
    """What all products of a layer's step would take at ``rate``, and the ratio to the step."""
    ms = 1000 * operations(name, *shape) / rate
    return {
        "ms": round(ms, 4),
        "gflops": round(rate / 1e9, 1),
        "ratio": spread([ms / figures["rnnzoo"]["ms"] for figures in rounds]),
    }


def report_layers(arguments) -> None:
    """Our layers against Keras's and PyTorch's."""
    shapes = arguments.shapes or (GRID if arguments.grid else SHAPES)
    layers = GRID_LAYERS if arguments.grid else list(OURS)
    with_torch = (
        not arguments.grid
        and arguments.policy == "float32"
        and importlib.util.find_spec("torch") is not None
    )
    sizes = {shape: tuple(map(int, shape.split(","))) for shape in shapes}
    rounds = {shape: [] for shape in shapes}
    rates = dict.fromkeys(shapes, 0.0)
    for i, shape in itertools.product(range(arguments.processes), shapes):
        settings = {
            "shape": sizes[shape],
            "policy": arguments.policy,
            "seconds": arguments.seconds,
        }
        if not arguments.grid:
            rates[shape] = max(rates[shape], in_fresh_process(task="product", **settings))
        figures = in_fresh_process(task="compare", layers=layers, with_torch=with_torch, **settings)
        rounds[shape].append(figures)
        said = ", ".join(
            f"{name} {f['rnnzoo']['ms']:.1f} ms ({f['keras']['ms'] / f['rnnzoo']['ms']:.2f} x)"
            for name, f in figures.items()
        )
        print(f"process {i + 1} of {arguments.processes}, {shape}: {said}", flush=True)

    results = {}
    print("\nms a step: median (least to greatest) over the processes; ratio: theirs / ours")
    print(f"{'shape':17} {'layer':10} {'side':7} {'ms':31} {'ratio':23} first step")
    for shape, name in itertools.product(shapes, layers):
        of_layer = [figures[name] for figures in rounds[shape]]
        row = over_processes(of_layer)
        for side, figures in row.items():
            if side != "rnnzoo":
                figures["ratio"] = ratio(of_layer, side, "rnnzoo")
            print(
                f"{shape:17} {name:10} {side:7} {shown(figures['ms']):31} "
                f"{shown(figures['ratio']) if 'ratio' in figures else '':23} "
                f"{figures['first_step_seconds']['median']:6.2f} s"
            )
        if not arguments.grid:
            row["product"] = product(name, sizes[shape], rates[shape], of_layer)
            ms, of_step = f"{row['product']['ms']:.2f}", shown(row["product"]["ratio"])
            print(f"{shape:17} {name:10} {'product':7} {ms:31} {of_step}")
        results.setdefault(shape, {})[name] = row

    name = "layers_grid" if arguments.grid else "layers"
    if arguments.policy != "float32":
        name += f"_{arguments.policy}"
    write(
        name,
        "ms a training step of one layer by (batch, steps, inputs, units); ratio: theirs / ours",
        arguments,
        results,
        with_torch,
        policy=arguments.policy,
    )


def report_skip(arguments) -> None:
    """`SkipDelayRNN` with several delays."""
    rounds = []
    for i in range(arguments.processes):
        rounds.append(in_fresh_process(task="skip", seconds=arguments.seconds))
        said = ", ".join(f"{side} {figures['ms']:.1f} ms" for side, figures in rounds[-1].items())
        print(f"process {i + 1} of {arguments.processes}: {said}", flush=True)
    rows = over_processes(rounds)
    ratios = {
        f"{of} / {to}": ratio(rounds, of, to)
        for of, to in (("(8,)", "(1,)"), ("(8,)", "keras (8,)"), ("(1, 8)", "(1,)"))
    }
    print("\nmedian (least to greatest) over the processes")
    for side, figures in rows.items():
        print(f"{side:20} {shown(figures['ms'])} ms")
    for pair, values in ratios.items():
        print(f"{pair:20} {shown(values)}")
    write(
        "skip_delays",
        "ms a training step of SkipDelayRNN by delays",
        arguments,
        rows,
        shape=SKIP_SHAPE,
        ratios=ratios,
    )


def report_memory(arguments) -> None:
    """Peak memory and time of steps on long sequences."""
    cases = list(itertools.product(LONG_STEPS, CHECKPOINT_EVERY))
    rounds = {case: [] for case in cases}
    for i, case in itertools.product(range(arguments.processes), cases):
        steps, every = case
        figures = in_fresh_process(
            task="memory", steps=steps, checkpoint_every=every, seconds=arguments.seconds
        )
        rounds[case].append({"rnnzoo": figures})
        print(
            f"process {i + 1} of {arguments.processes}, {steps} steps, checkpoint_every={every}: "
            f"{figures['mib']:,.0f} MiB, {figures['ms']:.0f} ms",
            flush=True,
        )
    results, ratios = {}, {}
    print("\nmedian (least to greatest) over the processes")
    print(f"{'steps':>6} {'checkpoint_every':17} {'peak MiB':26} {'more than before':26} ms")
    for (steps, every), of_case in rounds.items():
        row = over_processes(of_case)["rnnzoo"]
        results.setdefault(str(steps), {})[str(every)] = row
        without = rounds[steps, None]
        ratios.setdefault(str(steps), {})[str(every)] = spread(
            [a["rnnzoo"]["ms"] / b["rnnzoo"]["ms"] for a, b in zip(of_case, without, strict=True)]
        )
        print(
            f"{steps:6} {str(every):17} {shown(row['mib'], 0):26} "
            f"{shown(row['mib_more'], 0):26} {shown(row['ms'], 0)}"
        )
    write(
        "long_sequences",
        "peak resident MiB of a process that makes training steps of LSTM, how much more than "
        "before the first, and ms a step, by time steps and checkpoint_every; ratios of times: to "
        "None's",
        arguments,
        results,
        ratios=ratios,
        **LONG,
    )


def write(name, what, arguments, results, with_torch=False, **facts) -> None:
    """Write a results file."""
    packages = ["tensorflow", "keras", "rnnzoo"] + ["torch"] * with_torch
    settings = {"seconds": arguments.seconds, "processes": arguments.processes}
    record.write(name, {"what": what, **facts, **settings, "results": results}, packages)


def shape_of_layer(text: str) -> str:
    """Check a shape from the command line."""
    sizes = [int(size) for size in text.split(",")]
    if len(sizes) != 4 or min(sizes) < 1:
        raise ValueError
    return ",".join(map(str, sizes))


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--grid", action="store_true", help="against Keras over many sizes")
    what.add_argument("--skip", action="store_true", help="SkipDelayRNN with several delays")
    what.add_argument("--memory", action="store_true", help="long sequences and checkpoint_every")
    what.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--policy", default="float32", choices=TOLERANCE, help="of all layers")
    parser.add_argument(
        "--shapes",
        type=shape_of_layer,
        nargs="+",
        metavar="BATCH,STEPS,INPUTS,UNITS",
        help=f"default: {' '.join(SHAPES)}; with --grid all of it",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        help="of timing for each layer and shape in each process; default: 10, with --grid 2; "
        f"in any case {LEAST_STEPS} steps",
    )
    parser.add_argument("--processes", type=int, help="default: 3, with --grid 1")
    arguments = parser.parse_args()
    if arguments.worker:
        print(json.dumps(work(**json.loads(arguments.worker))))
        return
    if (arguments.skip or arguments.memory) and (arguments.shapes or arguments.policy != "float32"):
        parser.error("--skip and --memory have their own shapes, in float32")
    if arguments.processes is None:
        arguments.processes = 1 if arguments.grid else 3
    if arguments.seconds is None:
        arguments.seconds = 2 if arguments.grid else 10
    if arguments.processes < 1:
        parser.error(f"--processes {arguments.processes}: expected at least 1")
    if arguments.skip:
        report_skip(arguments)
    elif arguments.memory:
        report_memory(arguments)
    else:
        report_layers(arguments)


if __name__ == "__main__":
    main()
