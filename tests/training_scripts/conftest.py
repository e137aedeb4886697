"""The scripts run as they are, with smaller models: what takes time is a network's many layers."""

import functools

import pytest

import rnnzoo


@pytest.fixture
def make_smaller(monkeypatch):
    """``make_smaller(**options)``: models are created with these options from here on."""

    def make_smaller(**options):
        smaller = functools.partial(rnnzoo.create_model, **options)
        monkeypatch.setattr(rnnzoo, "create_model", smaller)

    return make_smaller
