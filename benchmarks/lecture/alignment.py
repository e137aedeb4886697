"""Alignment: do products of successive Jacobians grow or shrink faster than chance would have it?

::

    J_t = ds_t/ds_{t-1} = U_t S_t V_t^T         the product's largest singular value over k steps
                                                beside that of products of
    random bases     Q_t S_t P_t^T              the same singular values, Haar-random Q_t and P_t
    other order      J_p(t)                     the same Jacobians, shuffled in time

If the directions that J_t stretches most come out where J_{t+1} stretches most, the product grows
faster than with random bases.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

import rnnzoo
from lecture.curves import chosen, draw_curve, finish, rows_of, values_of
from lecture.networks import gaussian, with_recurrent_weights
from rnnzoo.files import picture
from rnnzoo.platform import keras

SIZES = {
    "units": 64,
    "rows": 4,
    "steps": 65,
    "draws": 10,
    "updates": 1500,
    "characters": 100_000,
    "seeds": 3,
}
FRESH, GAUSSIAN, TRAINED = "fresh, orthogonal", "fresh, Gaussian", "trained on text"
NOISE, TEXT = "random characters", "text"
MEASURED, SHUFFLED, RANDOM = "successive Jacobians", "the same, shuffled", "random bases"
TOP = 8  # leading directions whose alignment is measured


def measure(
    units: int, rows: int, steps: int, draws: int, updates: int, characters: int, seeds: int
) -> list[dict]:
    """A row for each network, input, kind of product and k.

    Args:
        units: size of the state.
        rows: sequences whose products are taken, each of its last steps.
        steps: of a sequence.
        draws: of random bases, and of other orders, for each sequence.
        updates: of training.
        characters: of the text.
        seeds: so many networks.
    """
    text = rnnzoo.load_text("python_source").train[:characters]
    ids, size = encoded(text)
    ks = [k for k in (1, 2, 4, 8, 16, 32, 64, 128) if k < steps]
    found = []
    for kind in (FRESH, GAUSSIAN, TRAINED):
        for inputs in (NOISE, TEXT):
            products: dict[str, list] = {MEASURED: [], SHUFFLED: [], RANDOM: []}
            facts = []
            for seed in range(seeds):
                rng = np.random.default_rng((seed, 2))
                starts = rng.integers(len(ids) - steps, size=rows)
                chars = np.stack([ids[at : at + steps] for at in starts])
                if inputs == NOISE:
                    chars = rng.integers(size, size=chars.shape)
                layer = network(kind, text, units, updates, seed).layers[1]
                x = np.eye(size, dtype=np.float32)[chars]
                jacobians = rnnzoo.analysis.step_jacobians(layer, x)[:, 1:].astype(np.float64)
                for name, of_seed in products_of(jacobians, ks, draws, rng).items():
                    products[name].append(of_seed)
                facts.append(alignment(jacobians))
            aligned, sizes, best = np.mean(facts, axis=0)
            for name, of_seeds in products.items():
                found += rows_of(
                    "k",
                    ks,
                    np.array(of_seeds) / np.log(10),
                    network=kind,
                    inputs=inputs,
                    product=name,
                    alignment=f"{aligned:.4f}",
                    alignment_by_chance=f"{TOP / units:.4f}",
                    root_mean_square_singular_value=f"{sizes:.4f}",
                    largest_singular_value=f"{best:.4f}",
                )
    return found


def encoded(text: str) -> tuple[np.ndarray, int]:
    """Characters as numbers from 0, and how many different ones there are."""
    characters, ids = np.unique(list(text), return_inverse=True)
    return ids, len(characters)


@functools.cache
def network(kind: str, text: str, units: int, updates: int, seed: int) -> keras.Model:
    """A vanilla network that predicts the next character, fresh or trained."""
    keras.utils.set_random_seed(seed)
    ids, size = encoded(text)
    steps, rows = 64, 32
    model = keras.Sequential(
        [
            keras.layers.CategoryEncoding(size, output_mode="one_hot"),
            rnnzoo.layers.SimpleRNN(units, return_sequences=True),
            keras.layers.Dense(size),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3, clipnorm=1.0), loss)
    if kind == GAUSSIAN:
        rng = np.random.default_rng((seed, 3))
        with_recurrent_weights(model.layers[1], np.zeros((1, 1, size)), gaussian(units, rng))
    if kind == TRAINED:
        rng = np.random.default_rng((seed, 4))
        starts = rng.integers(len(ids) - steps, size=rows * updates)
        windows = ids[starts[:, None] + np.arange(steps + 1)]
        model.fit(windows[:, :-1], windows[:, 1:], batch_size=rows, verbose=0)
    return model


def products_of(
    jacobians: np.ndarray, ks: list[int], draws: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """By kind of product (ks,): the mean logarithm of the largest singular value over k steps."""
    rows, steps, units, _ = jacobians.shape
    sizes = np.linalg.svd(jacobians, compute_uv=False)

    def haar():
        q, r = np.linalg.qr(rng.normal(size=(rows, steps, units, units)))
        return q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]

    def shuffled():
        return np.stack([of_row[rng.permutation(steps)] for of_row in jacobians])

    def random():
        return haar() * sizes[..., None, :] @ haar()

    return {
        MEASURED: growth(jacobians, ks),
        SHUFFLED: np.mean([growth(shuffled(), ks) for _ in range(draws)], axis=0),
        RANDOM: np.mean([growth(random(), ks) for _ in range(draws)], axis=0),
    }


def growth(jacobians: np.ndarray, ks: list[int]) -> np.ndarray:
    """(ks,): the mean over rows of log ||J_T ... J_{T-k+1}||, the largest singular value's."""
    product, scale, found = np.eye(jacobians.shape[-1]), 0.0, []
    for k in range(1, max(ks) + 1):
        product = product @ jacobians[:, -k]
        size = np.linalg.norm(product, axis=(1, 2), keepdims=True)
        product, scale = product / size, scale + np.log(size[:, 0, 0])
        if k in ks:
            largest = np.linalg.svd(product, compute_uv=False)[:, 0]
            found.append(np.mean(np.log(largest) + scale))
    return np.array(found)


def alignment(jacobians: np.ndarray) -> tuple[float, float, float]:
    """How much of where J_t leads is where J_{t+1} stretches most; and sizes of singular values.

    Returns:
        ||V^T U||^2 / m of the m leading right vectors of J_{t+1} and left ones of J_t: 1 if they
        span the same, m / units by chance; the root mean square singular value; and the mean
        largest one.
    """
    U, sizes, Vt = np.linalg.svd(jacobians)
    overlaps = Vt[:, 1:, :TOP] @ U[:, :-1, :, :TOP]
    aligned = (overlaps**2).sum(axis=(2, 3)).mean() / TOP
    return aligned, np.sqrt((sizes**2).mean()), sizes[..., 0].mean()


def draw(rows: list[dict], path: Path) -> None:
    """Six panels: networks by inputs."""
    kinds, inputs = values_of(rows, "network"), values_of(rows, "inputs")
    with picture(path, figsize=(10, 6.6)) as figure:
        axes = figure.subplots(len(inputs), len(kinds), sharex=True)
        for i, of_inputs in enumerate(inputs):
            for axis, kind in zip(axes[i], kinds, strict=True):
                of_panel = chosen(rows, network=kind, inputs=of_inputs)
                for style, product in enumerate(values_of(rows, "product")):
                    curve = chosen(of_panel, product=product)
                    draw_curve(axis, curve, "k", style, product, line=True)
                facts = of_panel[0]
                finish(
                    axis,
                    "steps k" if i else "",
                    r"$\log_{10}$ of the largest singular value" if axis is axes[i][0] else "",
                    f"{kind}; {of_inputs}\nalignment {facts['alignment']:.2f}, "
                    f"by chance {facts['alignment_by_chance']:.2f}",
                )
        figure.suptitle(
            "Products of k Jacobians of tanh networks, and of random ones of their sizes"
        )
