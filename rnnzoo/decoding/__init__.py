"""Decoding: the compiled loop that writes a sequence, for whatever can take one step.

A task gives ``step(token, state) -> logits, state`` with tokens (batch,) of int32, logits
(batch, vocabulary) of float32 and a state of any nested structure. The loop is one `tf.while_loop`
made for XLA: no Python runs per token, and lengths, temperature, top_k and top_p are tensors, so
that another value compiles nothing anew.
"""

from rnnzoo.decoding.beams import beam_search
from rnnzoo.decoding.generation import choose_rows, generate, read
from rnnzoo.decoding.of_length import beam_search_of_length
from rnnzoo.decoding.sampling import IMPOSSIBLE, check_how, choose, keep_likeliest, uniforms

__all__ = [
    "IMPOSSIBLE",
    "beam_search",
    "beam_search_of_length",
    "check_how",
    "choose",
    "choose_rows",
    "generate",
    "keep_likeliest",
    "read",
    "uniforms",
]
