"""Does what a translator keeps of a sentence hold who does it, rather than how it is said?

    python benchmarks/translation_states.py

Sutskever et al. (2014) show states of phrases in two dimensions, in which the order of the words
counts and active or passive voice hardly does. Here a small `translate_lstm` learns sentences made
from a template, "A follows B" and "B is followed by A", with all names and verbs of a list, but not
all combinations. In one run each voice is translated as such, into French; in the other both into
the active voice, which asks for the meaning alone. Then, for combinations that were not trained on,
distances between states of sentences that differ in voice alone (A follows B, B is followed by A)
and of those that differ in who does it (A follows B, B follows A): the medians and their ratio, for
the trained model and for one that has learned nothing.

Writes benchmarks/results/translation_states.json and a picture of each run beside it.
"""

import argparse
import itertools
import random
import tempfile
from pathlib import Path

import numpy as np
import record

import rnnzoo
from rnnzoo.platform import keras
from rnnzoo.tasks.encoder_decoder.translation.states import draw_states

NAMES = ["Ann", "Bob", "Cem", "Dora", "Eve", "Finn", "Gil", "Hana", "Ida", "Jim", "Kai", "Lea"]
VERBS = {  # active and passive, English and French
    "follows": ("is followed by", "suit", "est suivi par"),
    "admires": ("is admired by", "admire", "est admiré par"),
    "calls": ("is called by", "appelle", "est appelé par"),
    "sees": ("is seen by", "voit", "est vu par"),
}
SHOWN = 3  # pairs of names in the picture
SIZE = {"units": 64, "layers": 1, "embedding_size": 32, "min_count": 1, "dropout": 0.1}


def main() -> None:
    """Train, measure, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, keeps_voice in (("voice kept", True), ("always active", False)):
            results[name] = measured(
                Path(folder) / name, name, keeps_voice, arguments.epochs, arguments.seed
            )
    record.write(
        "translation_states",
        {
            "what": "distances of states of unseen sentences: median of those that differ in "
            "voice, of those that differ in who does it, and the first divided by the second",
            "model": f"translate_lstm, {SIZE}",
            "seed": arguments.seed,
            "epochs": arguments.epochs,
            "results": results,
        },
    )


def measured(folder, name, keeps_voice, epochs, seed) -> dict:
    """Figures of one run."""
    folder.mkdir()
    triples = [(a, verb, b) for a, b in itertools.permutations(NAMES, 2) for verb in VERBS]
    random.Random(seed).shuffle(triples)
    # A triple and its mirror image are measured together, so they are held out together.
    held_out = {frozenset(triple) for triple in triples[: len(triples) // 8]}
    unseen = [t for t in triples if frozenset(t) in held_out]
    for split, chosen in (
        ("train", [t for t in triples if frozenset(t) not in held_out]),
        ("validation", unseen[::2]),
        ("test", unseen[1::2]),
    ):
        lines = [pair for triple in chosen for pair in pairs(triple, keeps_voice)]
        (folder / f"{split}.tsv").write_text("\n".join("\t".join(line) for line in lines))
    metrics = rnnzoo.train(
        "translate_lstm",
        folder,
        folder / "run",
        overrides=SIZE,
        epochs=epochs,
        learning_rate=5e-3,
        seed=seed,
        test=True,
    )
    model = rnnzoo.load_model(folder / "run")
    keras.utils.set_random_seed(seed)
    untrained = rnnzoo.create_model(
        "translate_lstm",
        **SIZE,
        words=model.vocabulary.counts,
        source_words=model.source_vocabulary.counts,
    )
    test = unseen[1::2]
    shown = [t for t in test if t[1] == "follows" and t[0] < t[2]][:SHOWN]
    sentences = [sentence for triple in shown for sentence in four(triple)]
    groups = [f"{a}, {b}" for a, _, b in shown for _ in range(4)]
    picture = record.RESULTS / f"translation_states_{name.replace(' ', '_')}.png"
    _, shares = draw_states(model, sentences, picture, groups)
    return {
        "test_exact": metrics["test_scores"]["exact"],
        "trained": distances(model, test),
        "untrained": distances(untrained, test),
        "variance_shown": round(float(shares.sum()), 3),
    }


def pairs(triple, keeps_voice):
    """Both voices of a sentence with their translations."""
    a, verb, b = triple
    passive, active_target, passive_target = VERBS[verb]
    active = f"{a} {active_target} {b}"
    yield f"{a} {verb} {b}", active
    yield f"{b} {passive} {a}", f"{b} {passive_target} {a}" if keeps_voice else active


def four(triple):
    """A follows B, B is followed by A; and the same of B and A."""
    a, verb, b = triple
    passive = VERBS[verb][0]
    return f"{a} {verb} {b}", f"{b} {passive} {a}", f"{b} {verb} {a}", f"{a} {passive} {b}"


def distances(model, triples) -> dict:
    """Medians over sentences, and their ratio."""
    states = model.states([sentence for triple in triples for sentence in four(triple)])
    active, passive, mirrored, _ = states.reshape(len(triples), 4, -1).transpose(1, 0, 2)
    voice = float(np.median(np.linalg.norm(active - passive, axis=1)))
    who = float(np.median(np.linalg.norm(active - mirrored, axis=1)))
    return {"voice": round(voice, 3), "who": round(who, 3), "ratio": round(voice / who, 3)}


if __name__ == "__main__":
    main()
