"""What a forecaster answers, as compiled functions that Python and exports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnzoo.platform import tf
from rnnzoo.tasks.forecasting.rollout import roll_out, uniforms
from rnnzoo.tasks.task import endpoint, state_spec

if TYPE_CHECKING:
    from rnnzoo.tasks.forecasting.forecaster import Forecaster

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)


def forecast_endpoints(model: Forecaster) -> dict[str, Any]:
    """Functions by name; each returns a dict of named tensors.

    ==================================  ==========================================================
    serve(target, stamps, known, past,  samples (n, samples, horizon) of what comes after target
    static, samples, seeds)             (n, time), and quantiles (n, horizon, levels) and mean
                                        (n, horizon) of them; stamps and known reach a horizon
                                        further
    init(batch_size)                    the state before any step, tensors (batch_size, ...)
    read(target, stamps, known, past,   the state after some more steps (n, time), and of each its
    static, state)                      surprise (n, time), -log p in nats, 0 where it is missing,
                                        and expected (n, time), the mean of what was expected
    step(...)                           the same of one step, target (n,)
    forecast(stamps, known, static,     what `serve` answers, after a state
    state, samples, seeds)
    levels()                            levels, those of the quantiles
    ==================================  ==========================================================

    ``target`` are values as they come, NaN where one is missing, also before a series begins;
    ``stamps`` int64, seconds since 1970; ``known`` (n, time + horizon, k) and ``past`` (n, time, p)
    covariates; ``static`` strings (n, 1 + s), a series' name ("" if there is one only) and the
    words that stay. ``seeds`` int64 (n,) tell the random numbers of each row.

    Args:
        model: a `Forecaster` that knows its series.
    """
    preprocessor = model.preprocessor
    context = preprocessor.context
    levels = tf.constant(LEVELS)
    specs = {
        "target": tf.TensorSpec([None, None], tf.float32),
        "stamps": tf.TensorSpec([None, None], tf.int64),
        "known": tf.TensorSpec([None, None, len(preprocessor.known)], tf.float32),
        "past": tf.TensorSpec([None, None, len(preprocessor.past)], tf.float32),
        "static": tf.TensorSpec([None, 1 + len(preprocessor.static)], tf.string),
    }
    drawn = {
        "samples": tf.TensorSpec([], tf.int32),
        "seeds": tf.TensorSpec([None], tf.int64),
    }
    state_of = state_spec(model.initial_state)

    def batch_of(static, **given):
        return {**given, "static": preprocessor.encode_static(static)}

    def after(state, stamps, covariates, static, samples, seeds):
        steps = tf.shape(stamps)[1]
        drawn = roll_out(model, state, stamps, covariates, static, uniforms(seeds, steps, samples))
        return {
            "samples": drawn,
            "quantiles": quantiles(drawn, levels),
            "mean": tf.reduce_mean(drawn, axis=1),
        }

    @endpoint(**specs, **drawn)
    def serve(target, stamps, known, past, static, samples, seeds):
        batch = batch_of(static, stamps=stamps, known=known)
        time, first = tf.shape(target)[1], tf.maximum(tf.shape(target)[1] - context, 0)
        _, state = model.read(
            {
                "target": target[:, first:],
                "past": past[:, first:],
                "stamps": stamps[:, first:time],
                "known": known[:, first:time],
                "static": batch["static"],
            },
            model.initial_state(tf.shape(target)[0]),
        )
        return after(state, stamps[:, time:], known[:, time:], batch["static"], samples, seeds)

    @endpoint(batch_size=tf.TensorSpec([], tf.int32))
    def init(batch_size):
        return model.initial_state(batch_size)

    @endpoint(**specs, state=state_of)
    def read(target, stamps, known, past, static, state):
        batch = batch_of(static, target=target, stamps=stamps, known=known, past=past)
        told, state = model.read(batch, state)
        return {**told, **state}

    one = {k: tf.TensorSpec([None, *s.shape[2:]], s.dtype) for k, s in specs.items()}
    one["static"] = specs["static"]

    @endpoint(**one, state=state_of)
    def step(target, stamps, known, past, static, state):
        batch = {"target": target, "stamps": stamps, "known": known, "past": past}
        batch = {name: value[:, None] for name, value in batch.items()}
        told, state = model.read(batch_of(static, **batch), state)
        return {**{name: value[:, 0] for name, value in told.items()}, **state}

    @endpoint(
        stamps=specs["stamps"],
        known=specs["known"],
        static=specs["static"],
        state=state_of,
        **drawn,
    )
    def forecast(stamps, known, static, state, samples, seeds):
        ids = batch_of(static)["static"]
        return after(state, stamps, known, ids, samples, seeds)

    @endpoint()
    def levels_of():
        return {"levels": levels}

    return {
        "serve": serve,
        "init": init,
        "read": read,
        "step": step,
        "forecast": forecast,
        "levels": levels_of,
    }


def quantiles(samples: tf.Tensor, levels: tf.Tensor) -> tf.Tensor:
    """Quantiles (rows, steps, levels) of samples (rows, samples, steps), by straight lines between.

    Example:
        >>> quantiles(tf.constant([[[1.0], [3.0], [2.0]]]), tf.constant([0.25, 0.5])).numpy()
        array([[[1.5, 2. ]]], dtype=float32)
    """
    ordered = tf.sort(samples, axis=1)
    place = levels * tf.cast(tf.shape(samples)[1] - 1, tf.float32)
    below = tf.cast(tf.floor(place), tf.int32)
    above = tf.cast(tf.math.ceil(place), tf.int32)
    share = (place - tf.floor(place))[:, None]
    low, high = tf.gather(ordered, below, axis=1), tf.gather(ordered, above, axis=1)
    return tf.transpose(low + share * (high - low), (0, 2, 1))
