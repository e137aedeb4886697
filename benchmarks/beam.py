"""Beam search as one would write it by hand: two Keras models, called for each word, and NumPy."""

import time
from statistics import median

import numpy as np

from rnnzoo.platform import tf

WIDTH = 4
UNKNOWN, BOS, EOS = range(3)


def writers(vocabulary, encoder, stepper, max_words) -> dict:
    """By how the models are called, a function that writes the best sentences.

    Args:
        vocabulary: of the sentences.
        encoder: Keras model from what they are about to the state, a list.
        stepper: Keras model from [words, *state] to [log-probabilities, *state].
        max_words: the most words of a sentence.
    """

    def compiled(network):
        run = tf.function(lambda *x: network(list(x) if len(x) > 1 else x[0]), autograph=False)
        return lambda *x: [value.numpy() for value in run(*map(tf.constant, x))]

    def predicted(network):
        return lambda *x: network.predict(list(x) if len(x) > 1 else x[0], verbose=0)

    ways = {"keras, predict": predicted, "keras, tf.function": compiled}
    return {
        name: search(vocabulary, way(encoder), way(stepper), max_words)
        for name, way in ways.items()
    }


def search(vocabulary, encode, step, max_words):
    """A function from what sentences are about to the best of them."""
    shown = vocabulary.shown

    def write(*given):
        rows, width = len(given[0]), WIDTH
        state = [np.repeat(value, width, axis=0) for value in encode(*given)]
        live = np.full((rows, width), -np.inf)
        live[:, 0] = 0
        ids = np.full((rows, width), BOS)
        sentences = [[[] for _ in range(width)] for _ in range(rows)]
        finished = [[] for _ in range(rows)]
        for _ in range(max_words + 1):
            log_probs, *state = step(ids.reshape(-1, 1).astype("int32"), *state)
            log_probs[:, [UNKNOWN, BOS]] = -np.inf
            total = live[..., None] + log_probs.reshape(rows, width, -1)
            flat = total.reshape(rows, -1)
            best = np.argpartition(-flat, 2 * width, axis=1)[:, : 2 * width]
            order = np.argsort(-np.take_along_axis(flat, best, axis=1), axis=1)
            best = np.take_along_axis(best, order, axis=1)
            parents = np.zeros((rows, width), int)
            written = []
            for row in range(rows):
                kept = []
                for place in best[row]:
                    parent, word = divmod(place, total.shape[-1])
                    score = total[row, parent, word]
                    if word == EOS:
                        finished[row].append((score, sentences[row][parent]))
                    elif len(kept) < width:
                        kept.append((score, parent, word))
                finished[row] = sorted(finished[row], key=lambda f: -f[0])[:width]
                written.append([[*sentences[row][parent], word] for _, parent, word in kept])
                live[row], parents[row], ids[row] = zip(*kept, strict=True)
            sentences = written
            order = (np.arange(rows)[:, None] * width + parents).ravel()
            state = [value[order] for value in state]
            if all(len(f) == width and f[-1][0] >= live[i, 0] for i, f in enumerate(finished)):
                break
        words = [[shown[word] for word in f[0][1]] for f in finished]
        return [text.decode() for text in vocabulary.join(tf.ragged.constant(words)).numpy()]

    return write


def measure(writers: dict, given, rounds: int) -> dict:
    """Figures of each writer for what it is given."""
    seconds, answers = {name: [] for name in writers}, {}
    for _ in range(1 + rounds):
        for name, write in writers.items():
            begin = time.perf_counter()
            answers[name] = write(given)
            seconds[name].append(time.perf_counter() - begin)
    for name, found in answers.items():
        assert found == answers["rnnzoo"], f"{name}: {found} is not {answers['rnnzoo']}"
    speeds = {name: [len(given) / s for s in of_one[1:]] for name, of_one in seconds.items()}
    return {
        name: {
            "per_second": round(median(of_one), 2),
            "slowest": round(min(of_one), 2),
            "fastest": round(max(of_one), 2),
            "rnnzoo_is_times_as_fast": round(
                median(
                    ours / theirs for ours, theirs in zip(speeds["rnnzoo"], of_one, strict=True)
                ),
                1,
            ),
        }
        for name, of_one in speeds.items()
    }
