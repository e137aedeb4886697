"""Samples of what comes: drawn, read as if they had come, and drawn again, in one compiled loop."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rnnzoo.platform import tf

if TYPE_CHECKING:
    from rnnzoo.tasks.forecasting.forecaster import Forecaster, State


def uniforms(seeds: tf.Tensor, steps: int | tf.Tensor, samples: int | tf.Tensor) -> tf.Tensor:
    """Random numbers (rows, steps, samples, 2) in [0, 1), a pure function of each row's seed.

    Neither the other rows nor the number of steps changes what a step of a row gets.

    Args:
        seeds: int64 (rows,).
        steps, samples: how many.

    Example:
        >>> seeds = tf.constant([3, 5], tf.int64)
        >>> longer = uniforms(seeds, 4, 2)[1:, :3]
        >>> bool(tf.reduce_all(uniforms(seeds[1:], 3, 2) == longer))
        True
    """
    return tf.map_fn(
        lambda seed: tf.random.stateless_uniform(
            [steps, samples, 2], tf.stack([seed, 0]), alg="philox"
        ),
        seeds,
        fn_output_signature=tf.TensorSpec([None, None, 2], tf.float32),
    )


def roll_out(
    model: Forecaster,
    state: State,
    stamps: tf.Tensor,
    known: tf.Tensor,
    static: tf.Tensor,
    uniforms: tf.Tensor,
) -> tf.Tensor:
    """Samples (rows, samples, steps) of the steps after a state.

    K steps are drawn at a time; after them the model reads what was drawn, and is asked for the
    next ones. Samples of K steps that are drawn at once are right step by step, and don't hang
    together; where K = 1, each sample is a path.

    Args:
        model: which tells K steps at once.
        state: after the newest step, of each row.
        stamps: int64 (rows, steps), of the steps to come.
        known: float32 (rows, steps, k), their covariates.
        static: int32 (rows, 1 + s).
        uniforms: float32 (rows, steps, samples, 2).
    """
    preprocessor = model.preprocessor
    ahead = preprocessor.ahead
    rows, steps, samples = tf.unstack(tf.shape(uniforms)[:3])
    blocks = -(-steps // ahead)
    to_fill = [[0, 0], [0, blocks * ahead - steps]]
    stamps = tf.pad(stamps, to_fill)
    known = tf.pad(known, [*to_fill, [0, 0]])
    uniforms = tf.pad(uniforms, [*to_fill, [0, 0], [0, 0]])
    # (blocks, rows * samples, ahead, 2): a turn of the loop takes one.
    uniforms = tf.reshape(uniforms, (rows, blocks, ahead, samples, 2))
    uniforms = tf.reshape(
        tf.transpose(uniforms, (1, 0, 3, 2, 4)), (blocks, rows * samples, ahead, 2)
    )

    def each_sample(x):
        return tf.repeat(x, samples, axis=0)

    batch = {
        "stamps": stamps[:, :ahead],
        "known": known[:, :ahead],
        "past": state["newest"],
        "static": static,
    }
    parameters, recurrent = model.answers(batch, state["recent"], state, ahead)
    parameters = each_sample(parameters[:, 0])
    recurrent, recent, static = tf.nest.map_structure(
        each_sample, (recurrent, state["recent"], static)
    )
    nothing = tf.fill((rows * samples, ahead, state["newest"].shape[-1]), math.nan)

    def sample(parameters, block):
        return preprocessor.possible(preprocessor.family.sample(parameters, uniforms[block]))

    def draw(block, parameters, recent, recurrent, drawn):
        y = sample(parameters, block)
        values = tf.concat([recent[:, 1:], y], axis=1)
        begin = block * ahead + 1  # the first step that is not read yet
        batch = {
            "stamps": each_sample(stamps[:, begin : begin + 2 * ahead - 1]),
            "known": each_sample(known[:, begin : begin + 2 * ahead - 1]),
            "past": nothing,
            "static": static,
        }
        parameters, recurrent = model.answers(batch, values, recurrent, ahead, newest_only=True)
        recent = tf.concat([recent, y], axis=1)[:, -tf.shape(recent)[1] :]
        return block + 1, parameters[:, 0], recent, recurrent, drawn.write(block, y)

    drawn = tf.TensorArray(tf.float32, blocks, element_shape=(None, ahead))
    block, parameters, _, _, drawn = tf.while_loop(
        lambda block, *_: block < blocks - 1,
        draw,
        (0, parameters, recent, recurrent, drawn),
        parallel_iterations=1,
    )
    drawn = drawn.write(block, sample(parameters, block))  # which need not be read
    drawn = tf.reshape(drawn.stack(), (blocks, rows, samples, ahead))
    drawn = tf.reshape(tf.transpose(drawn, (1, 2, 0, 3)), (rows, samples, blocks * ahead))
    return drawn[:, :, :steps]
