"""Text, one character at a time."""

from __future__ import annotations

from rnnzoo.platform import keras, tf
from rnnzoo.tasks.text.model import CharacterModel
from rnnzoo.tasks.text.network import RecurrentCharacters
from rnnzoo.tasks.text.preprocessor import TextPreprocessor


@keras.saving.register_keras_serializable("rnnzoo")
class TextGenerator(RecurrentCharacters, CharacterModel):
    """A language model of characters: p(c_1 ... c_T) = prod_t p(c_t | c_1 ... c_{t-1}).

        ids (batch, time) -> embedding -> recurrent layers -> logits (batch, time, vocabulary)

    With `hidden_units`, a layer of tanh units stands before the logits: the deep output of Pascanu
    et al. (2014), How to construct deep recurrent neural networks.

    `fit` and `evaluate` take a text, or a list of texts, which are joined by newlines. `fit` trains
    by truncated BPTT: each batch goes on from the state in which the one before ended; the
    characters of the text are added to those known. `evaluate` reads the text in `batch_size`
    strips, each from the zero state, and leaves the state of training alone; its loss (nats), bits
    per character and perplexity are exact over all characters.

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`.
        embedding_size: length of a character's vector.
        vocabulary: the characters to know, any string; None takes them from the first text that
            `fit` or `adapt` sees.
        hidden_units: of a layer between the recurrent ones and the logits; None is no such layer.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        vocabulary: the `CharacterVocabulary`, or None.
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.text.endpoints`.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = TextGenerator(rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(16)]))
        >>> model.compile(keras.optimizers.Adam(0.05))
        >>> history = model.fit("abc " * 200, batch_size=4, window=8, epochs=2, verbose=0)
        >>> model.generate("abc a", length=10, temperature=0)
        'bc abc abc'
    """

    @property
    def preprocessor(self) -> TextPreprocessor:
        return TextPreprocessor(self.vocabulary)

    def call(
        self,
        ids: tf.Tensor,
        state: dict[str, tf.Tensor] | None = None,
        mask: tf.Tensor | None = None,
        return_state: bool = False,
        training: bool = False,
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Logits of the character after each: float32 (batch, time, vocabulary).

        Args:
            ids: int32 (batch, time).
            state: flat dict as from `initial_state`, which is the default.
            mask: bool (batch, time), False at padding.
            return_state: whether to return the state after the last step too.
            training: whether dropout acts.
        """
        state = self.initial_state(tf.shape(ids)[0]) if state is None else state
        logits, state = self.read(ids, state, mask, training)
        return (logits, state) if return_state else logits
