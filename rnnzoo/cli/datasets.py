"""Data sets as the commands tell of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import rnnzoo
from rnnzoo import registry

if TYPE_CHECKING:
    from rnnzoo.data.registry import DatasetInfo


def infos_of(names: Iterable[str], task: str | None = None) -> list[DatasetInfo]:
    """What is known about data sets: once for all variants, and for each task that trains on it.

    Args:
        names: as `rnnzoo.list_datasets` has them.
        task: for this one alone; else for each that has models.
    """
    models = map(registry.model_info, registry.list_models())
    tasks = [task] if task else sorted({info.task for info in models})
    found = {}
    for name in names:
        of_this = [each for each in tasks if name in rnnzoo.list_datasets(task=each)]
        for each in of_this or (None,):
            info = rnnzoo.dataset_info(name, each)
            found[info.name, info.task] = info
    return list(found.values())
