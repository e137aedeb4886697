"""The claims of the lecture: each runs when it is small, and where a law is exact it is met."""

import numpy as np
import pytest

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


@pytest.fixture
def measured(benchmark, tmp_path):
    """What a claim measures at a tiny size, read from its file."""

    def measure(name):
        claim, curves = benchmark(f"lecture.{name}"), benchmark("lecture.curves")
        record = benchmark("record")
        path = tmp_path / f"{name}.csv"
        record.write_csv(path, claim.measure(**TINY[name]))
        return claim, curves.numbers(record.read_csv(path))

    return measure


def test_every_claim_is_tried(benchmark):
    claims = benchmark("claims").CLAIMS
    assert set(claims) == set(TINY)
    for name in claims:
        assert benchmark(f"lecture.{name}").SIZES.keys() == TINY[name].keys()


@pytest.mark.parametrize("name", TINY)
def test_claim_is_measured_and_drawn(measured, benchmark, tmp_path, name):
    claim, rows = measured(name)
    path = tmp_path / f"{name}.png"
    claim.draw(rows, path)
    benchmark("claims").with_few_colours(path)
    assert 1_000 < path.stat().st_size < 120_000


def exactly(rows):
    """Whether a law is met to six digits, which is what files hold."""
    assert rows
    found, law = (np.array([row[name] for row in rows]) for name in ("measured", "predicted"))
    np.testing.assert_allclose(found, law, rtol=2e-6)


def test_gradient_through_a_linear_orthogonal_network_goes_as_a_power(benchmark):
    networks = benchmark("lecture.networks")
    rnnzoo = pytest.importorskip("rnnzoo")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 41, 3))
    for radius in (0.9, 1.1):
        layer = rnnzoo.layers.SimpleRNN(8, "linear", dtype="float64")
        networks.with_recurrent_weights(layer, x, radius * networks.orthogonal(8, rng))
        norms = networks.gradient_norms(layer, x, seed=0)
        law = np.broadcast_to(radius ** np.arange(41), norms.shape)
        np.testing.assert_allclose(norms / norms[:, :1], law, rtol=1e-9)


def test_files_of_linear_orthogonal_networks_meet_their_laws(measured):
    _, rows = measured("vanishing")
    exactly([r for r in rows if (r["matrix"], r["activation"]) == ("orthogonal", "linear")])
    _, rows = measured("delays")
    exactly([r for r in rows if isinstance(r["delays"], float)])
    claim, rows = measured("leaky")
    exactly([r for r in rows if r["of"] == claim.GRADIENT and r["matrix"] == claim.IDENTITY])


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
