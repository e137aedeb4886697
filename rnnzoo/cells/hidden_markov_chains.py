"""Several hidden Markov models side by side."""

from __future__ import annotations

from typing import Unpack

from rnnzoo.cells.arguments import CellArguments, Initializer
from rnnzoo.cells.hidden_markov import FLOOR, HiddenMarkovCell, shares
from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras
from rnnzoo.sizes import is_size

ops = keras.ops


class HiddenMarkovChainsCell(HiddenMarkovCell):
    """The forward algorithms of several hidden Markov models that read one sequence.

    ::

        h_t(c, j) = log(b sum_i softmax(h_{t-1}(c))(i) A_c(i, j) + (1 - b) pi_c(j)) + x_t(c, j)

    for each chain c, as of `HiddenMarkovCell`. No chain knows of the others, so each may be as
    unlikely as it is: in one chain whose hidden states are all of them, those below the floor would
    be taken for likelier than they are.

    Weights: initial_logits (chains, units) and transition_logits (chains, units, units). x, h and
    the output are (chains * units,), chain by chain; state: h and "begun" (1,).

    Args:
        units: how many hidden states each chain has.
        chains: how many there are.
        initializer, **kwargs: as for `HiddenMarkovCell`.

    Raises:
        ValueError: chains is not a positive integer; or as for `HiddenMarkovCell`.

    Example::

        layer = rnnzoo.layers.Recurrent(HiddenMarkovChainsCell(8, chains=3), return_sequences=True)
        h = layer(-keras.random.uniform((32, 100, 24)))       # (32, 100, 24)
        log_prob = keras.ops.logsumexp(keras.ops.reshape(h, (32, 100, 3, 8)), axis=-1)
        log_prob = keras.ops.sum(log_prob, axis=1)       # (32, 3)
    """

    def __init__(
        self,
        units: int,
        chains: int = 1,
        initializer: Initializer = "random_normal",
        **kwargs: Unpack[CellArguments],
    ):
        super().__init__(units, initializer, **kwargs)
        if not is_size(chains):
            raise WrongValue(f"chains must be a positive integer, got {chains!r}")
        self.chains = int(chains)

    @property
    def together(self):
        return (self.chains,)

    def next_states(self, h, begun):
        shape, begun = ops.shape(h), ops.reshape(begun, (-1, 1, 1))
        moved = ops.einsum("nci,cij->ncj", shares(self.apart(h)), self.transitions)
        p = begun * moved + (1 - begun) * self.initial
        return ops.maximum(ops.reshape(p, shape), FLOOR)

    def get_config(self):
        return {**super().get_config(), "chains": self.chains}
