"""How much faster is a picture's sweep along diagonals than one pixel after the other?

    python benchmarks/grid.py

Measures forward and backward passes (the gradients of the mean square of all outputs by the pixels
and all weights) of `rnnzoo.layers.FourDirections2D` with vanilla cells, as part of a `tf.function`
that knows all shapes:

- rnnzoo: the layer as it is by default, and with jit_compile=False,
- nested: a tf.while_loop over rows around one over columns, for each direction; its products with
  the pixels are made before the loops, for all at once, and TensorFlow differentiates it.

All have the same weights, and their outputs and gradients must agree before any is timed. Then they
take turns. Reported are the median, the least and the greatest time of a pass, and the ratios to
the nested loops' within each turn. Prints a table and writes benchmarks/results/grid.json.
"""

import argparse
import time

import numpy as np
import record

from rnnzoo.layers import FourDirections2D
from rnnzoo.platform import tf

CORNERS = ((), (2,), (1,), (1, 2))


def nested(x, weights):
    """What a `FourDirections2D` of vanilla cells with these weights puts out, by nested loops."""
    outputs = []
    for corner, (kernel, recurrent_kernel, bias) in zip(CORNERS, weights, strict=True):
        left, above = tf.split(recurrent_kernel, 2)
        terms = tf.tensordot(tf.reverse(x, corner), kernel, 1) + bias
        terms = tf.transpose(terms, (1, 2, 0, 3))
        h = tf.transpose(_sweep(terms, left, above), (2, 0, 1, 3))
        outputs.append(tf.reverse(h, corner))
    return tf.concat(outputs, axis=-1)


def _sweep(terms, left, above):
    """(height, width, batch, units) of input terms -> the same of hidden states."""
    height, width, *size = terms.shape

    def next_row(i, before, rows):
        def next_pixel(j, h, row):
            h = tf.tanh(terms[i, j] + h @ left + before[j] @ above)
            return j + 1, h, row.write(j, h)

        row = tf.TensorArray(terms.dtype, width, element_shape=size)
        start = (0, tf.zeros(size), row)
        _, _, row = tf.while_loop(lambda j, *_: j < width, next_pixel, start)
        row = row.stack()
        return i + 1, row, rows.write(i, row)

    rows = tf.TensorArray(terms.dtype, height, element_shape=(width, *size))
    start = (0, tf.zeros((width, *size)), rows)
    *_, rows = tf.while_loop(lambda i, *_: i < height, next_row, start)
    return rows.stack()


def passes(x, units):
    """By name, a function that returns all outputs and gradients."""
    layers = {
        "rnnzoo": FourDirections2D(units),
        "rnnzoo, jit_compile=False": FourDirections2D(units, jit_compile=False),
    }
    for layer in layers.values():
        layer.build(x.shape)
        layer.set_weights(layers["rnnzoo"].get_weights())
    sides = {
        name: (layer, [w.value for w in layer.trainable_weights]) for name, layer in layers.items()
    }
    variables = [tf.Variable(w) for w in layers["rnnzoo"].get_weights()]
    by_corner = [variables[i : i + 3] for i in range(0, len(variables), 3)]
    sides["nested"] = (lambda x: nested(x, by_corner), variables)

    def one_pass(of, weights):
        def run(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                outputs = of(x)
                loss = tf.reduce_mean(outputs**2)
            return outputs, tape.gradient(loss, [x, *weights])

        return tf.function(run, autograph=False)

    return {name: one_pass(*side) for name, side in sides.items()}


def main() -> None:
    """Compare, time and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=32, help="height and width in pixels")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--features", type=int, default=3)
    parser.add_argument("--units", type=int, default=32, help="of each direction")
    parser.add_argument("--rounds", type=int, default=10)
    given = vars(parser.parse_args())

    shape = (given["batch"], given["size"], given["size"], given["features"])
    x = tf.constant(np.random.default_rng(0).normal(size=shape).astype("float32"))
    sides = passes(x, given["units"])
    first, answers = {}, {}
    for name, run in sides.items():
        begin = time.perf_counter()
        answers[name] = [a.numpy() for a in tf.nest.flatten(run(x))]
        first[name] = round(time.perf_counter() - begin, 1)
        for a, b in zip(answers[name], answers["rnnzoo"], strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-4 * np.abs(b).max())
    seconds = {name: [] for name in sides}
    for _ in range(given["rounds"]):
        for name, run in sides.items():
            begin = time.perf_counter()
            run(x)[0].numpy()
            seconds[name].append(time.perf_counter() - begin)
    figures = {}
    for name, of_one in seconds.items():
        ratios = [n / s for n, s in zip(seconds["nested"], of_one, strict=True)]
        figures[name] = {
            "milliseconds": record.spread([1000 * s for s in of_one]),
            "times_as_fast_as_nested": record.spread(ratios),
            "first_pass_seconds": first[name],
        }
        print(
            f"{name:26} {record.shown(figures[name]['milliseconds'], 1):>30} ms"
            f" {record.shown(figures[name]['times_as_fast_as_nested'], 1):>26} times as fast"
        )
    record.write("grid", {**given, "passes": figures})


if __name__ == "__main__":
    main()
