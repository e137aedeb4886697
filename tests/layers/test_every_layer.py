"""Every layer with every option, where people run it: in fit, predict and tf.function."""

import pytest

from tests.layers.checks import FACTORS, KINDS, check_layer, pairwise


def named(case):
    return " ".join(f"{name}={value}" for name, value in case.items())


@pytest.mark.parametrize("case", pairwise(FACTORS), ids=named)
def test_each_two_values_of_two_options(case):
    check_layer(**case)


@pytest.mark.slow
@pytest.mark.parametrize("case", pairwise(FACTORS | {"kind": ["any"]}, seed=1), ids=named)
@pytest.mark.parametrize("kind", KINDS)
def test_each_two_values_of_two_options_of_each_layer(kind, case):
    check_layer(**{**case, "kind": kind})
