"""The claims of the lecture: each runs when it is small, and where a law is exact it is met."""

import numpy as np
import pytest

import rnnzoo

TINY = {
    "vanishing": {"units": 4, "rows": 2, "steps": 11, "seeds": 1},
    "delays": {"units": 4, "rows": 2, "steps": 33, "seeds": 1},
    "leaky": {"units": 4, "rows": 2, "steps": 11, "seeds": 1, "long": 60},
    "gates": {"units": 4, "rows": 2, "steps": 12, "seeds": 1},
    "alignment": {
        "units": 8,
        "rows": 1,
        "steps": 6,
        "draws": 1,
        "updates": 1,
        "characters": 500,
        "seeds": 1,
    },
    "noise": {"units": 4, "rows": 2, "steps": 10, "updates": 1, "batches": 2, "seed": 0},
    "borders": {"units": 4, "rows": 2, "steps": 200, "updates": 1, "tested": 40, "seeds": 1},
    "truncation": {"units": 4, "rows": 2, "steps": 40, "updates": 1, "batches": 2, "seed": 0},
}


# Fewer curves than a claim has: each call of the analysis is traced anew.
FEWER = {
    "vanishing": {"RADII": (1.1,)},
    "delays": {"DELAYS": (1, 4)},
    "leaky": {"TAUS": (4, 16)},
    "noise": {"CELLS": ("rnn",)},
}
EXACT = {
    "vanishing": lambda row: (row["matrix"], row["activation"]) == ("orthogonal", "linear"),
    "delays": lambda row: isinstance(row["delays"], float),
    "leaky": lambda row: (row["of"], row["matrix"]) == ("gradient", "lambda I"),
}
SLOW = {"gates", "alignment", "borders", "truncation"}


def test_every_claim_is_tried(benchmark):
    claims = benchmark("claims").CLAIMS
    assert set(claims) == set(TINY)
    for name in claims:
        assert benchmark(f"lecture.{name}").SIZES.keys() == TINY[name].keys()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in TINY]
)
def test_claim_is_measured_and_drawn(benchmark, tmp_path, monkeypatch, name):
    claim, record = benchmark(f"lecture.{name}"), benchmark("record")
    for constant, value in FEWER.get(name, {}).items():
        monkeypatch.setattr(claim, constant, value)
    record.write_csv(tmp_path / "claim.csv", claim.measure(**TINY[name]))
    rows = benchmark("lecture.curves").numbers(record.read_csv(tmp_path / "claim.csv"))
    claim.draw(rows, tmp_path / "claim.png")
    benchmark("claims").with_few_colours(tmp_path / "claim.png")
    assert 1_000 < (tmp_path / "claim.png").stat().st_size < 120_000
    if name in EXACT:
        exact = [row for row in rows if EXACT[name](row)]
        assert exact
        for row in exact:  # a file holds six digits
            assert row["measured"] == pytest.approx(row["predicted"], rel=2e-6), row


def test_gradient_through_a_linear_orthogonal_network_goes_as_a_power(benchmark):
    networks = benchmark("lecture.networks")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 41, 3))
    layer = rnnzoo.layers.SimpleRNN(8, "linear", dtype="float64")
    networks.with_recurrent_weights(layer, x, 0.9 * networks.orthogonal(8, rng))
    norms = networks.gradient_norms(layer, x, seed=0)
    law = np.broadcast_to(0.9 ** np.arange(41), norms.shape)
    np.testing.assert_allclose(norms / norms[:, :1], law, rtol=1e-9)


def test_paths_of_two_delays_add_up(benchmark):
    # From k = 2 back there are three paths of delays 1 and 2 to k = 3: 1 1 1, 1 2 and 2 1.
    lengths = benchmark("lecture.delays").lengths((1, 2), 0.5, 4)
    np.testing.assert_allclose(lengths[3] ** 2, 0.5**6 + 2 * 0.5**4)


def test_segments_are_of_other_classes_one_after_the_other(benchmark):
    borders = benchmark("lecture.borders")
    x, labels, since = borders.examples(20, 150, np.random.default_rng(0))
    assert x.shape == (20, 150, 1)
    at_border = since[0] == 0
    np.testing.assert_array_equal(at_border[:, 1:], np.diff(labels, axis=1) != 0)
    np.testing.assert_array_equal(at_border[:, 1:], since[1, :, :-1] == -1)


def test_random_bases_keep_singular_values_and_lose_alignment(benchmark):
    alignment = benchmark("lecture.alignment")
    rng = np.random.default_rng(0)
    # Of a symmetric matrix, what comes out largest goes in largest: the product is its power.
    symmetric = rng.normal(size=(16, 16))
    symmetric = symmetric + symmetric.T
    jacobians = np.tile(symmetric, (1, 9, 1, 1))
    found = alignment.products_of(jacobians, [1, 8], 3, rng)
    largest = np.log(np.linalg.norm(symmetric, 2))
    np.testing.assert_allclose(found[alignment.MEASURED], [largest, 8 * largest])
    np.testing.assert_allclose(found[alignment.RANDOM][0], largest)
    assert found[alignment.RANDOM][1] < 7 * largest
    assert alignment.alignment(jacobians)[0] == pytest.approx(1)
