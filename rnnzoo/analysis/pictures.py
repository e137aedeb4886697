"""Pictures of what was measured, to be read in print, too."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from rnnzoo.analysis.gradients import GradientBySpan, GradientFlow
from rnnzoo.analysis.states import HiddenStates
from rnnzoo.errors import WrongValue
from rnnzoo.files import picture

# Okabe & Ito's, which eyes that lack one kind of cone tell apart, each with a line of its own.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
# More labels than these would look alike; the others are drawn in grey.
LABELS = len(COLOURS)


def draw_gradient_flow(
    flows: Mapping[str, GradientFlow], path: str | os.PathLike, title: str = ""
) -> None:
    """||dL_T/ds_t|| by ||dL_T/ds_T||, against T - t: of each layer the median row, and most rows.

    Args:
        flows: what `gradient_flow` returns.
        path: of the picture, a PNG file.
        title: what is above it.
    """
    with picture(Path(path), figsize=(7, 4.5)) as figure:
        axis = figure.subplots()
        for i, (name, flow) in enumerate(flows.items()):
            typical, colour = flow.typical, COLOURS[i % LABELS]
            back = np.arange(len(typical))
            seen = np.where(typical > 0, typical, np.nan)
            axis.plot(back, seen, linestyle=LINES[i % LABELS], color=colour, label=name)
            if len(flow.norms) > 1:
                left = flow.left[:, : len(typical)]
                low, high = np.nanquantile(left, [0.1, 0.9], axis=0)
                axis.fill_between(back, low, high, alpha=0.15, linewidth=0, color=colour)
        axis.set(
            yscale="log",
            xlabel="steps back from the last one, T - t",
            ylabel=r"$\|\partial L_T / \partial s_t\|\ /\ \|\partial L_T / \partial s_T\|$",
            title=title,
        )
        axis.grid(alpha=0.3)
        axis.legend(title="layer: median row, shade 10 to 90 % of the rows")


def draw_gradient_by_span(
    splits: Mapping[str, GradientBySpan], path: str | os.PathLike, title: str = ""
) -> None:
    """How much of the gradient of each layer's weights comes from which span.

    Args:
        splits: what `gradient_by_span` returns.
        path, title: as for `draw_gradient_flow`.
    """
    with picture(Path(path), figsize=(7, 4.5)) as figure:
        axis = figure.subplots()
        for i, (name, split) in enumerate(splits.items()):
            axis.plot(
                [max(first, 0.5) for first, _ in split.spans],
                np.where(split.norms > 0, split.norms, np.nan),
                linestyle=LINES[i % LABELS],
                marker=MARKERS[i % LABELS],
                color=COLOURS[i % LABELS],
                label=name,
            )
        longest = max(splits.values(), key=lambda split: split.spans[-1]).spans
        axis.set(
            xscale="log",
            yscale="log",
            xlabel="steps back from the last one, from - to",
            ylabel=r"$\|\partial L_T / \partial w\|$ that comes from there",
            title=title,
        )
        axis.set_xticks(
            [max(first, 0.5) for first, _ in longest],
            [str(a) if b == a + 1 else f"{a}-{b - 1}" for a, b in longest],
            rotation=45,
        )
        axis.xaxis.minorticks_off()
        axis.grid(alpha=0.3)
        axis.legend(title="layer")


def draw_gates(
    states: HiddenStates, path: str | os.PathLike, title: str = "", row: int = 0
) -> None:
    """What the gates of a layer let through along one example, unit by unit, and their means.

    Args:
        states: of the layer, as `hidden_states` returns them.
        path, title: as for `draw_gradient_flow`.
        row: the example.

    Raises:
        ValueError: the layer has no gates.
    """
    if not states.gates:
        raise WrongValue(f"{states.layer} has no gates, or its cell says nothing of them")
    real = states.real[row]
    with picture(Path(path), figsize=(8, 2.2 * len(states.gates) + 1)) as figure:
        axes = np.atleast_1d(figure.subplots(len(states.gates), sharex=True))
        for axis, (name, values) in zip(axes, states.gates.items(), strict=True):
            values = values[row][real]
            if values.ndim > 2:
                raise WrongValue(f"{states.layer} has positions: draw its gates yourself")
            shown = axis.imshow(
                values[:, np.argsort(values.mean(axis=0))].T,
                aspect="auto",
                vmin=0,
                vmax=1,
                cmap="cividis",
                interpolation="nearest",
            )
            axis.set(ylabel=f"{name} gate\nunits by mean", yticks=[])
            axis.text(
                1,
                1.02,
                f"mean {values.mean():.2f}, open (above 0.9) {(values > 0.9).mean():.0%}, shut "
                f"(below 0.1) {(values < 0.1).mean():.0%}",
                transform=axis.transAxes,
                ha="right",
                fontsize=8,
            )
        axes[-1].set(xlabel="time step")
        figure.colorbar(shown, ax=list(axes), label="0 shut, 1 open")
        figure.suptitle(title)


def draw_states(
    states: HiddenStates, path: str | os.PathLike, title: str = "", row: int = 0
) -> np.ndarray:
    """All steps in the two directions in which states differ most, and one example as a heat map.

    Args:
        states: of a layer, as `hidden_states` returns them.
        path, title: as for `draw_gradient_flow`.
        row: the example of the heat map.

    Returns:
        The shares of the variance that the two directions have.

    Raises:
        ValueError: all states are the same.
    """
    from sklearn.decomposition import PCA

    points, labels = states.steps
    points = points.reshape(len(points), -1)
    if len(points) < 3 or np.ptp(points, axis=0).max() < 1e-6:
        raise WrongValue(f"{states.layer}: all states are the same, or there are fewer than three")
    pca = PCA(2, random_state=0)
    at = pca.fit_transform(points)
    first = next(iter(states.states.values()))[row][states.real[row]]
    with picture(Path(path), figsize=(11, 4.5)) as figure:
        plane, heat = figure.subplots(1, 2)
        if labels is None:
            plane.scatter(*at.T, s=4, c=COLOURS[0], label="a step")
        else:
            names, counts = np.unique(labels.astype(str), return_counts=True)
            most = names[np.argsort(-counts, kind="stable")][:LABELS]
            rest = ~np.isin(labels.astype(str), most)
            if rest.any():
                plane.scatter(*at[rest].T, s=4, c="#bbbbbb", label="others")
            for i, name in enumerate(most):
                plane.scatter(
                    *at[labels.astype(str) == name].T,
                    s=8,
                    c=COLOURS[i],
                    marker=MARKERS[i],
                    linewidths=0,
                    label=str(name) if name.strip() and name.isprintable() else repr(str(name)),
                )
            figure.legend(fontsize=8, title="answer", loc="outside lower left", ncols=LABELS + 1)
        shares = pca.explained_variance_ratio_
        plane.set(
            xlabel=f"{shares[0]:.0%} of the variance",
            ylabel=f"{shares[1]:.0%} of the variance",
            title=f"{len(points):,} steps",
        )
        size = np.abs(first).max()
        shown = heat.imshow(
            first.reshape(len(first), -1).T,
            aspect="auto",
            cmap="PuOr",
            vmin=-size,
            vmax=size,
            interpolation="nearest",
        )
        heat.set(xlabel="time step", ylabel="unit", title=f"example {row + 1}")
        figure.colorbar(shown, ax=heat, label="state")
        figure.suptitle(title)
    return shares
