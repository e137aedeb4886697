"""What layers are compared with."""

import pytest


def test_equal_work_has_equal_products(benchmark):
    product = benchmark("layers").product
    shape, rate = (32, 100, 64, 128), 1e11
    simple, leaky, lstm = (
        product(name, shape, rate, [{"rnnzoo": {"ms": 50.0}}])
        for name in ("SimpleRNN", "LeakyRNN", "LSTM")
    )
    assert simple == leaky
    assert lstm["ms"] == pytest.approx(4 * simple["ms"], rel=1e-3)
