"""What comes next in series in time, as a distribution."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rnnzoo.layers import RecurrentStack
from rnnzoo.layers.dropout import Dropout
from rnnzoo.platform import keras, tf
from rnnzoo.replicas import drawn
from rnnzoo.tasks.arguments import whole_number
from rnnzoo.tasks.forecasting import calendar
from rnnzoo.tasks.forecasting.memory import lagged, seasonal_lag
from rnnzoo.tasks.forecasting.model import ForecastModel
from rnnzoo.tasks.forecasting.preprocessor import ForecastPreprocessor
from rnnzoo.tasks.forecasting.stepwise import Stepwise
from rnnzoo.tasks.transfer import entries_copied

LARGEST = 30.0  # of a value that is read, in scales: what is further off says no more
UNKNOWN = 0.1  # share of names and words that are read as unknown ones in training

State = dict[str, tf.Tensor]


@keras.saving.register_keras_serializable("rnnzoo")
class Forecaster(ForecastModel):
    """A model of p(y_t, ..., y_{t+K-1} | y_1 ... y_{t-1}, what is known), for series of any size.

        m_t, s_t of the newest values      (see `rnnzoo.tasks.forecasting.memory`)
        x_t = [lagged values (y - m_t) / s_t, calendar and covariates of t, words that stay]
        h_t from x_1 ... x_t
        g_k = tanh(h_t U + (calendar and covariates of t + k) V + b_k)
        theta_k = g_k W + (lagged values of t, the same time of the season before t + k) A_k

        y_{t+k} ~ D(theta_k, m_t, s_t),    k = 0 ... K - 1

    With K = 1 (DeepAR, Salinas et al. 2020) a horizon is reached by drawing a value and reading it
    as if it had come, again and again, for many samples. With K steps at once (Wen et al. 2017, A
    multi-horizon quantile recurrent forecaster) there is no such loop, unless the horizon is longer
    than K: then K are drawn at a time.

    `fit` and `evaluate` take a `rnnzoo.data.Panel`, or a table of series.

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`.
        distribution: "gaussian", "student_t", "negative_binomial", "dry_or_wet"; "auto" takes that
            for the kind of the first panel's values.
        ahead: K.
        horizon: steps that are forecast by default; None takes the first panel's.
        context: steps that are read before a forecast; None: by season and horizon.
        names: whether each series has a vector of its own. It can't know how one goes on, and
            learns by heart how it went: for that its past should be long, and come again.
        embedding_size: length of that vector, and of one of a word that stays.
        dropout: share of g_k dropped in training.
        seasonal_delays: whether layers whose cell has delays see one step and one season back.
        known: what `ForecastPreprocessor.get_config` returned; None: the first panel tells.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.forecasting.endpoints`.

    Example:
        >>> import polars, rnnzoo
        >>> months = [f"{2018 + i // 12}-{i % 12 + 1:02}" for i in range(72)]
        >>> sales = [100.0 + i % 12 for i in range(72)]
        >>> frame = polars.DataFrame({"month": months, "sales": sales})
        >>> model = rnnzoo.create_model("forecast_gru", units=4, horizon=3)
        >>> history = model.fit(frame, verbose=0, steps_per_epoch=2)
        >>> model.predict(frame)["time"].dt.strftime("%Y-%m").to_list()
        ['2024-01', '2024-02', '2024-03']
    """

    nested = ("recurrent",)

    def __init__(
        self,
        recurrent: RecurrentStack,
        distribution: str = "auto",
        ahead: int = 1,
        horizon: int | None = None,
        context: int | None = None,
        names: bool = False,
        embedding_size: int = 8,
        dropout: float = 0.0,
        seasonal_delays: bool = False,
        known: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.recurrent = recurrent
        self.embedding_size = embedding_size
        self.dropout = dropout
        self.seasonal_delays = seasonal_delays
        self.drop_output = Dropout(dropout, dtype=self.dtype_policy)
        self.seed_generator = keras.random.SeedGenerator()
        self.embeddings: Any = None
        self.of_state: Any = None
        self.of_step: Any = None
        self.of_place: Any = None
        self.output_layer: Any = None
        self.straight: Any = None
        told = {"horizon": horizon, "context": context}
        given: dict[str, Any] = {
            k: whole_number(v, k, minimum=1) for k, v in told.items() if v is not None
        }
        self.preprocessor = ForecastPreprocessor(
            **given,
            ahead=whole_number(ahead, "ahead", minimum=1),
            distribution=distribution,
            names=names,
            given=tuple(given),
        )
        _ = self.preprocessor.family  # which refuses what is none
        if known is not None:
            self.take_up(ForecastPreprocessor.from_config(known))

    # --- what is learned from the data ------------------------------------------------------------

    def take_up(self, preprocessor: ForecastPreprocessor, forget: bool = False) -> None:
        """Know what a preprocessor knows, and make the layers for it.

        Names and words that were known keep their vectors.
        """
        known, self.preprocessor = self.preprocessor, preprocessor
        old = self.embeddings
        self.let_go("embeddings", *_LAYERS)
        self.embeddings = [
            self._embedding(words, i) for i, words in enumerate(preprocessor.words) if words
        ]
        if old is not None and not forget:
            self.track_again(*_LAYERS)
            words = [words for words in known.words if words]
            for now, before, of_one in zip(self.embeddings, old, words, strict=True):
                entries_copied(now, before, range(len(of_one) + 1))
            return
        self._make_layers()
        self._begin_at_the_naive_forecast()
        self.built = True

    def _embedding(self, words, place):
        layer = keras.layers.Embedding(
            len(words) + 1, self.embedding_size, name=f"words_{place}", dtype=self.dtype_policy
        )
        layer.build((None,))
        return layer

    def _make_layers(self):
        known, family = self.preprocessor, self.preprocessor.family
        step = calendar.size(known.calendar) + 2 * len(known.known)
        newest = 2 * len(known.lags) + (2 if family.centered else 1)  # what the level tells
        static = self.embedding_size * len(self.embeddings)
        read = newest + step + 2 * len(known.past) + static
        config = self.recurrent.get_config()
        if self.seasonal_delays:
            config = with_delays(config, (1, max(2, known.season)))
        self.recurrent = type(self.recurrent).from_config(config)
        self.recurrent.build((None, None, read))
        units = self.recurrent.output_size

        def dense(size, name, given, **how):
            layer = keras.layers.Dense(size, name=name, **{"dtype": self.dtype_policy, **how})
            layer.build((None, None, given))
            return layer

        self.of_state = dense(units, "of_state", units)
        self.of_step = dense(units, "of_step", step, use_bias=False) if step else None
        # Each of the steps that are told at once has a vector.
        self.of_place = None
        if self.preprocessor.ahead > 1:
            self.of_place = keras.layers.Embedding(self.preprocessor.ahead, units, name="of_place")
            self.of_place.build((None,))
        self.output_layer = dense(family.size, "output", units, dtype="float32")
        self.straight = Stepwise(family.size, name="straight")
        self.straight.build((None, None, known.ahead, newest + 2))

    def _begin_at_the_naive_forecast(self):
        """Locate the first forecasts at the newest value, or at that of a season before."""
        self.output_layer.kernel.assign(0.1 * self.output_layer.kernel)
        if self.preprocessor.family.centered and self.preprocessor.season > 1:
            straight = self.straight.kernel.numpy()
            straight[:, -2, 0] = 1.0
            self.straight.kernel.assign(straight)

    # --- the network ------------------------------------------------------------------------------

    def call(self, batch: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """The parameters of what comes at each step t, and at the K - 1 steps after it.

        Args:
            batch: ``target`` (batch, time), ``past`` (batch, time, p); ``stamps``
                (batch, time + K - 1), ``known`` (batch, time + K - 1, k); ``static``
                (batch, 1 + s), numbers of names and words. The answer to t sees targets and past
                covariates before t.
            training: whether dropout acts.

        Returns:
            float32 (batch, time, K, parameters).
        """
        state = self.initial_state(tf.shape(batch["target"])[0])
        values = tf.concat([state["recent"], batch["target"][:, :-1]], axis=1)
        past = tf.concat([state["newest"], batch["past"][:, :-1]], axis=1)
        return self.answers(
            {**batch, "past": past}, values, state, self.preprocessor.ahead, training
        )[0]

    def read(self, batch: dict[str, tf.Tensor], state: State) -> tuple[dict[str, tf.Tensor], State]:
        """What was said of steps that came before they did, and the state after them.

        Args:
            batch: as for `call`, of `time` steps; a missing target is no surprise.
            state: before them, as from `initial_state`.

        Returns:
            ``surprise`` (batch, time) in nats, 0 of a missing target and before `enough` came to
            tell by, and ``expected``, the mean; and the new state.
        """
        target = batch["target"]
        values = tf.concat([state["recent"], target], axis=1)
        past = tf.concat([state["newest"], batch["past"]], axis=1)
        before = {**batch, "past": past[:, :-1]}
        parameters, recurrent = self.answers(before, values[:, :-1], state, ahead=1)
        there = tf.math.is_finite(target)
        known, parameters = self.preprocessor, parameters[:, :, 0]
        expected = known.possible(known.family.mean(parameters))
        y = tf.where(there, target, expected)
        came = tf.cumsum(tf.cast(tf.math.is_finite(values), tf.int32), axis=1)[:, :-1]
        told = there & (came[:, -tf.shape(target)[1] :] >= known.enough)
        surprise = tf.where(told, -known.family.log_prob(parameters, y), 0.0)
        memory = {"recent": values[:, -known.context :], "newest": past[:, -1:]}
        return {"surprise": surprise, "expected": expected}, {**recurrent, **memory}

    def answers(
        self,
        batch: dict[str, tf.Tensor],
        values: tf.Tensor,
        state: State,
        ahead: int,
        training: bool = False,
        newest_only: bool = False,
    ) -> tuple[tf.Tensor, State]:
        """Parameters (batch, steps, ahead, parameters), and the recurrent state after the steps.

        Args:
            batch: ``stamps`` (batch, steps + ahead - 1), ``known``, ``static``, as for `call`, and
                ``past`` (batch, steps, p), of the step before each.
            values: float32 (batch, context + steps - 1), the targets before the last of the steps.
            state: before the first of them.
            ahead: how many steps are told at once, at most K.
            training: whether dropout acts.
            newest_only: whether to answer the last of the steps only, (batch, 1, ...).
        """
        known, family = self.preprocessor, self.preprocessor.family
        steps = tf.shape(values)[1] - known.context + 1
        level = known.level(values)

        def scaled(lags):
            """Lagged values, 0 where one is missing, and which ones are there."""
            z = lagged(values, known.context, lags) - level.origin[..., None]
            z, there = z / level.scale[..., None], tf.math.is_finite(z)
            z = tf.where(there, tf.clip_by_value(z, -LARGEST, LARGEST), 0.0)
            return z, tf.cast(there, tf.float32)

        newest = tf.concat([*scaled(known.lags), level.told], axis=-1)
        of_steps = tf.concat(
            [
                calendar.places(batch["stamps"], known.calendar),
                known.standardized(batch["known"], "known"),
            ],
            axis=-1,
        )
        past = known.standardized(batch["past"], "past")
        static = [
            tf.repeat(tf.cast(vectors, tf.float32)[:, None], steps, axis=1)
            for vectors in self._vectors(batch["static"], training)
        ]
        x = tf.concat([newest, of_steps[:, :steps], past, *static], axis=-1)
        recurrent = {name: state[name] for name in self.recurrent.state_names}
        h, recurrent = self.recurrent(x, state=recurrent, mask=level.seen, training=training)

        seasonal = scaled([seasonal_lag(k, known.season) for k in range(ahead)])
        straight = [tf.repeat(newest[:, :, None], ahead, axis=2), *(z[..., None] for z in seasonal)]
        told = [h, tf.concat(straight, axis=-1), level.origin, level.scale]
        if self.of_step is not None:
            of_steps = self.of_step(of_steps)
            told.append(tf.stack([of_steps[:, k:][:, :steps] for k in range(ahead)], axis=2))
        if newest_only:
            told = [of_all[:, -1:] for of_all in told]
        h, straight, origin, scale, *of_steps = told
        g = self.of_state(h)[:, :, None]
        if self.of_place is not None:
            g += self.of_place(tf.range(ahead))
        g = self.drop_output(tf.tanh(sum(of_steps, g)), training=training)
        outputs = self.output_layer(g) + self.straight(straight)
        return family.of(outputs, origin[..., None], scale[..., None]), recurrent

    def _vectors(self, ids, training):
        """The vectors of names and words, where there are any to know."""
        known = [i for i, words in enumerate(self.preprocessor.words) if words]
        for i, embedding in zip(known, self.embeddings, strict=True):
            of_one = ids[:, i]
            if training:  # or else the vector of what is not known would learn nothing
                chance = drawn(
                    lambda shape: keras.random.uniform(shape, seed=self.seed_generator),
                    tf.shape(of_one),
                )
                of_one = tf.where(chance < UNKNOWN, 0, of_one)
            yield embedding(of_one)

    def initial_state(self, batch_size: int | tf.Tensor) -> State:
        """The state before any step: a flat dict of float32 (batch_size, ...) tensors.

        ``recent`` are the newest targets, and ``newest`` the newest past covariates; NaN as long as
        there are none.
        """
        known = self.preprocessor
        return {
            **self.recurrent.initial_state(batch_size),
            "recent": tf.fill((batch_size, known.context), math.nan),
            "newest": tf.fill((batch_size, 1, len(known.past)), math.nan),
        }

    def get_config(self) -> dict[str, Any]:
        known = self.preprocessor
        given = {name: getattr(known, name) for name in known.given}
        return {
            **super().get_config(),
            **{name: given.get(name) for name in ("horizon", "context")},
            "ahead": known.ahead,
            "distribution": known.distribution,
            "names": known.names,
            "embedding_size": self.embedding_size,
            "dropout": self.dropout,
            "seasonal_delays": self.seasonal_delays,
            "known": None if known.frequency is None else known.get_config(),
        }


# In this order in a new model, behind the vectors of names and words.
_LAYERS = ("recurrent", "of_state", "of_step", "of_place", "output_layer", "straight")


def with_delays(config: dict[str, Any], delays: tuple[int, ...]) -> dict[str, Any]:
    """A stack's configuration, in which layers that have delays get these."""
    for layer in config["layers"]:
        if "delays" in layer["config"]:
            layer["config"]["delays"] = list(delays)
    return config
