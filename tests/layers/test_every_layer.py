"""Every layer with every option, where people run it: in fit, predict and tf.function."""

import pytest

from tests.layers.checks import FACTORS, KINDS, check_layer, pairwise

CASES = pairwise(FACTORS)
# The first cases meet the most pairs. XLA takes seconds to compile each, so it has to wait.
FEW = [case | {"jit_compile": False} for case in CASES[:2]]


def named(case):
    return " ".join(f"{name}={value}" for name, value in case.items())


@pytest.mark.parametrize("case", FEW, ids=named)
def test_options_together(case):
    check_layer(**case)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=named)
def test_each_two_values_of_two_options(case):
    check_layer(**case)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_two_values_of_two_options_of_each_layer(kind):
    for case in pairwise({**FACTORS, "kind": [kind], "jit_compile": [False]}, seed=1):
        check_layer(**case)
