"""Markov chains of characters: what recurrent networks replaced.

    the last k characters -> smoothed frequencies of what followed them -> the next character

Shannon (1948), "A mathematical theory of communication", wrote English with them.
"""

from rnnzoo.registry import register_model


def markov(*, order=5, vocabulary=None):
    """A `rnnzoo.tasks.MarkovChain`.

    Args:
        order: characters of the context, from 1 on.
        vocabulary: the characters to know; None takes them from the first text fitted.

    Raises:
        ValueError: the order is none.
    """
    from rnnzoo.tasks import MarkovChain

    return MarkovChain(order, vocabulary)


for _order in (1, 2, 5, 7):
    register_model(
        f"char_markov{_order}",
        task="text-generation",
        description=f"Markov chain of order {_order}: counts, smoothed by Kneser and Ney's rule",
        paper="Chen & Goodman 1999, An empirical study of smoothing techniques for language "
        "modeling",
        dataset="python_source",
        metric="bits per character",
        defaults={"order": _order},
    )(markov)
