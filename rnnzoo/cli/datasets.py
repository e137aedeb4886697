"""Data sets as the commands tell of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rnnzoo
from rnnzoo import registry

if TYPE_CHECKING:
    from rnnzoo.data.registry import DatasetInfo


def infos_of(name: str) -> list[DatasetInfo]:
    """What is known about a data set, once for each task whose models train on it."""
    tasks = {registry.model_info(model).task for model in registry.list_models()}
    of_tasks = [
        rnnzoo.dataset_info(name, task)
        for task in sorted(tasks)
        if name in rnnzoo.list_datasets(task=task)
    ]
    return of_tasks or [rnnzoo.dataset_info(name)]
