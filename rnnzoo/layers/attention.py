"""Where a decoder looks while it writes."""

from __future__ import annotations

from typing import Any, Literal

from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras

ops = keras.ops

SCORES = ("general", "scaled", "additive")
FLOOR = -1e9  # the score of padding: finite, as the gradients of -inf are NaN


@keras.saving.register_keras_serializable("rnnzoo")
class Attention(keras.layers.Layer):
    """A mean of what was read, in which each step weighs as much as it fits what is being written.

    With h_t the state of what writes, and v_s what was read at step s::

        e_ts = h_t W v_s                     score "general" (Luong et al. 2015, Effective
                                             approaches to attention-based neural machine
                                             translation)
               h_t W v_s / sqrt(queries)     score "scaled" (its divisor: Vaswani et al. 2017,
                                             Attention is all you need)
               u tanh(h_t W + v_s U)         score "additive" (Bahdanau et al. 2015, Neural machine
                                             translation by jointly learning to align and translate)
        a_ts = exp(e_ts) / sum_r exp(e_tr)   over the real steps r; 0 at padding
        c_t  = sum_s a_ts v_s

    A step of Adam changes each of the entries of W by up to its rate, however small their gradients
    are, and so e_ts of "general" by up to rate |h_t|_1 |v_s|_1: some 12 at 192 units and a rate of
    0.003, so that a_ts may be all or nothing before it was learned where to look. "scaled" is for
    Adam the same with a rate, and a W to begin with, sqrt(queries) times smaller.

    What doesn't depend on t is made once, by `memory`, and all t are one product.

    Weights: "general", "scaled": W (queries, values). "additive": W (queries, queries), U (values,
    queries), u (queries,). Here queries is the length of an h_t, values that of a v_s.

    Args:
        score: "general", "scaled" or "additive".
        **kwargs: name, dtype, trainable, as for every Keras layer.

    Attributes:
        output_size: length of a c_t.
        memory_shapes: by name the shapes of the tensors of a memory.

    Call arguments:
        h: (batch, steps, queries), or of one step (batch, queries).
        memory: a dict as `memory` makes it; what else is in it doesn't matter.

    Returns:
        c as h is, of length values, and a (batch, steps, time), or (batch, time), in float32.

    Example:
        >>> attention = Attention("additive")
        >>> attention.build((None, None, 4), (None, None, 6))
        >>> memory = attention.memory(ops.ones((2, 5, 6)), mask=ops.ones((2, 5), "bool"))
        >>> c, a = attention(ops.ones((2, 3, 4)), memory)
        >>> tuple(c.shape), tuple(a.shape)
        ((2, 3, 6), (2, 3, 5))
    """

    def __init__(self, score: Literal["general", "scaled", "additive"] = "scaled", **kwargs: Any):
        super().__init__(**kwargs)
        if score not in SCORES:
            raise WrongValue(f"score={score!r}: expected one of {', '.join(SCORES)}")
        self.score = score
        self.autocast = False  # the memory is a state, which stays float32; casts are below

    def build(self, h_shape: Any, values_shape: Any) -> None:
        """Make the weights, for the shapes of h and of the values."""
        queries, values = h_shape[-1], values_shape[-1]
        if self.score == "additive":
            self.W = self.add_weight(shape=(queries, queries), name="W")
            self.U = self.add_weight(shape=(values, queries), name="U")
            self.u = self.add_weight(shape=(queries,), name="u")
        else:
            self.W = self.add_weight(shape=(queries, values), name="W")
        self.output_size = values
        self.memory_shapes = {
            "memory": (None, None, values),
            "memory_keys": (None, None, queries),
            "memory_floor": (None, None),
        }
        self.built = True

    def memory(self, values: Any, mask: Any) -> dict[str, Any]:
        """What `call` looks at: a dict of float32 tensors, as the state of a decoder holds them.

        Args:
            values: the v_s, (batch, time, values).
            mask: bool (batch, time), True at real steps, of which each row has one or more.
        """
        kernel = self.U if self.score == "additive" else ops.transpose(self.W)
        keys = ops.matmul(self._cast(values), self._cast(kernel))
        if self.score == "scaled":
            keys /= keys.shape[-1] ** 0.5
        return {
            "memory": ops.cast(values, "float32"),
            "memory_keys": ops.cast(keys, "float32"),
            "memory_floor": ops.where(mask, 0.0, FLOOR),
        }

    def call(self, h: Any, memory: dict[str, Any]) -> tuple[Any, Any]:
        one_step = len(h.shape) == 2
        h = self._cast(h[:, None] if one_step else h)
        values, keys = self._cast(memory["memory"]), self._cast(memory["memory_keys"])
        if self.score == "additive":
            sums = ops.matmul(h, self._cast(self.W))[:, :, None] + keys[:, None]
            e = ops.matmul(ops.tanh(sums), self._cast(self.u)[:, None])[..., 0]
        else:
            e = ops.matmul(h, ops.transpose(keys, (0, 2, 1)))
        a = ops.softmax(ops.cast(e, "float32") + memory["memory_floor"][:, None])
        c = ops.matmul(self._cast(a), values)
        return (c[:, 0], a[:, 0]) if one_step else (c, a)

    def _cast(self, x):
        return ops.cast(x, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "score": self.score}


class Look:
    """What a decoder looks at, asked once: a function h -> c that remembers what it found.

    Args:
        attention: an `Attention`.
        memory: what it looks at.

    Attributes:
        c, weights: what `attention` answered.
    """

    def __init__(self, attention: Attention, memory: dict[str, Any]):
        self.attention = attention
        self.memory = memory
        self.c: Any = None
        self.weights: Any = None

    def __call__(self, h: Any) -> Any:
        self.c, self.weights = self.attention(h, self.memory)
        return self.c
