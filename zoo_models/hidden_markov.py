"""Hidden Markov models: what recurrent networks replaced.

    hidden states, one after the other -> what each puts out

Rabiner (1989), "A tutorial on hidden Markov models and selected applications in speech
recognition".
"""

from rnnzoo.registry import register_model
from zoo_models.options import number_or_names


def char_hmm(*, states=32, learn="gradient", vocabulary=None):
    """A `rnnzoo.tasks.HiddenMarkovGenerator`.

    Args:
        states: how many hidden states.
        learn: "gradient", by the optimizer, or "em", by expectation maximization (Baum and Welch),
            of which an epoch is one step.
        vocabulary: the characters to know; None takes them from the first text fitted.

    Raises:
        ValueError: an option is none of these.
    """
    from rnnzoo.tasks import HiddenMarkovGenerator

    return HiddenMarkovGenerator(states, learn, vocabulary)


for _name, _states, _parameters in (("char_hmm", 32, 4_192), ("char_hmm128", 128, 29_056)):
    register_model(
        _name,
        task="text-generation",
        description=f"hidden Markov model of {_states} states",
        paper="Rabiner 1989, A tutorial on hidden Markov models and selected applications in "
        "speech recognition",
        dataset="python_source",
        metric="bits per character",
        defaults={"states": _states, "learn": "gradient"},
        parameters=_parameters,
    )(char_hmm)


@register_model(
    "tagger_hmm",
    task="sequence-tagging",
    description="hidden Markov model whose states are the tags: counts, and the likeliest path",
    paper="Brants 2000, TnT: a statistical part-of-speech tagger",
    dataset="python_tokens",
    metric="accuracy",
    defaults={"smoothing": 1.0},
)
def tagger_hmm(*, smoothing=1.0, tags=None, characters=None, words=None):
    """A `rnnzoo.tasks.HiddenMarkovTagger`, of characters or of words as its training data has them.

    Args:
        smoothing: how many occurrences what is less certain is worth, above 0.
        tags, characters, words: what it knows; None takes them from the first data fitted.

    Raises:
        ValueError: the smoothing is not above 0.
    """
    from rnnzoo.tasks import HiddenMarkovTagger

    return HiddenMarkovTagger(smoothing, tags, characters, words)


@register_model(
    "activity_hmm",
    task="sequence-classification",
    description="activity from sensors, a Gaussian hidden Markov model for each class",
    paper="Rabiner 1989, A tutorial on hidden Markov models and selected applications in speech "
    "recognition",
    dataset="watch",
    metric="macro F1",
    defaults={"states": 8, "learn": "em"},
    parameters=1_176,
)
def activity_hmm(
    *, states=8, learn="em", window=None, hop=None, classes=None, num_classes=None, features=None
):
    """A `rnnzoo.tasks.HiddenMarkovClassifier`.

    Args:
        states: how many hidden states each class has.
        learn: "em", by expectation maximization (Baum and Welch), of which an epoch is one step, or
            "gradient", by the optimizer.
        window, hop: time steps of the windows whose mean is the answer to a longer sequence, and
            from one to the next, by default half a window; None takes what suits the lengths of
            the first data fitted.
        classes: their names; None takes them from the first labels fitted.
        num_classes: their number, where the names come with the first labels fitted.
        features: shape of one step, such as (6,); None takes it from the first data fitted.

    Raises:
        ValueError: an option is none of these.
    """
    from rnnzoo.tasks import HiddenMarkovClassifier

    return HiddenMarkovClassifier(
        states,
        learn,
        window=window,
        hop=hop,
        features=features,
        classes=number_or_names(classes, num_classes),
    )
