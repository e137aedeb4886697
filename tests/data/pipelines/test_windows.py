"""Windows: never across two sequences, each read when it is asked for."""

import dataclasses

import numpy as np
import pytest

from rnnzoo.data import (
    Examples,
    Past,
    Windows,
    channel_statistics,
    examples_in_order,
    examples_per_epoch,
    shuffled_examples,
)
from rnnzoo.data.pipelines.augmentation import Augmentation, roughness
from rnnzoo.data.pipelines.sequences import balanced_rows
from rnnzoo.data.step_labels import entries
from rnnzoo.platform import tf


def numbered(*lengths):
    """Sequences whose entries are 1000 * sequence + time step."""
    x = [
        np.stack([1000 * i + np.arange(n)] * 2, axis=-1).astype("float32")
        for i, n in enumerate(lengths)
    ]
    return Examples(x, np.arange(len(lengths)) % 2)


@pytest.mark.parametrize("stride", [None, 3, 8, 100])
def test_windows_cover_each_sequence_and_cross_none(stride):
    windows = Windows(numbered(25, 8, 3, 9), window=8, stride=stride)
    assert (windows.labels == windows.rows % 2).all()
    seen = {i: set() for i in range(4)}
    for i in range(len(windows)):
        (x,) = windows.read([i])
        length = windows.lengths[i]
        assert x.shape == (8, 2) and not x[length:].any()
        numbers = x[:length, 0].astype(int)
        assert (np.diff(numbers) == 1).all() and len(set(numbers // 1000)) == 1
        seen[windows.rows[i]].update(numbers % 1000)
    covered = [len(steps) for steps in seen.values()]
    assert covered[1:] == [8, 3, 9]
    assert covered[0] == 25 if stride != 100 else covered[0] == 16


def test_whole_sequences():
    windows = Windows(numbered(5, 2))
    assert windows.lengths.tolist() == [5, 2] and windows.time is None
    assert windows.read([0, 1]).shape == (2, 5, 2)
    assert Windows(numbered(5, 5)).time == 5


def test_training_batches_depend_on_seed_and_step_alone():
    examples = numbered(60, 45, 80)

    def batches(count, start_step=0, seed=1):
        dataset = shuffled_examples(examples, 4, window=10, seed=seed, start_step=start_step)
        return [[np.asarray(t) for t in batch] for batch in dataset.take(count)]

    steps = examples_per_epoch(examples, 4, window=10)
    assert steps == (11 + 8 + 15) // 4
    whole = batches(2 * steps)
    for a, b in zip(whole[5:9], batches(4, start_step=5), strict=True):
        for s, t in zip(a, b, strict=True):
            np.testing.assert_array_equal(s, t)
    assert any((a[0] != b[0]).any() for a, b in zip(whole, batches(2 * steps, seed=2), strict=True))
    firsts = np.array([int(x[0, 0]) for batch in whole[:steps] for x in batch[0]])
    shares = np.bincount(firsts // 1000)  # as many windows of each sequence as lie in it
    assert shares.sum() == 4 * steps and (shares <= [11, 8, 15]).all()
    assert len(set(firsts % 10)) > 5  # from anywhere
    for x, y, weight in whole:
        assert x.shape == (4, 10, 2) and x.dtype == np.float32
        assert (y == x[:, 0, 0] // 1000 % 2).all() and (weight == 1).all()


def test_shapes_are_known_beforehand():
    x, y, weight = shuffled_examples(numbered(30, 30), 4, window=10).element_spec
    assert x.shape == (4, 10, 2) and y.shape == weight.shape == (4,)
    (x, lengths), _, _ = shuffled_examples(numbered(30, 3), 4, window=10).element_spec
    assert x.shape == (4, 10, 2) and lengths.shape == (4,)
    (x, lengths), _, _ = shuffled_examples(numbered(30, 3), 2).element_spec
    assert x.shape.as_list() == [2, None, 2]


@pytest.mark.parametrize("window", [None, 4])
def test_evaluation_reads_each_window_once(window):
    examples = numbered(9, 3, 6)
    numbers = []
    for (x, lengths), _, weight in examples_in_order(examples, 2, window):
        assert x.shape[0] == 2
        for row, length, real in zip(x.numpy(), lengths.numpy(), weight.numpy(), strict=True):
            if real:
                numbers.append(row[:length, 0].astype(int).tolist())
    firsts = [row[0] for row in numbers]
    assert firsts == ([0, 1000, 2000] if window is None else [0, 4, 5, 1000, 2000, 2002])
    assert {n for row in numbers for n in row} == {
        1000 * i + t for i, n in enumerate((9, 3, 6)) for t in range(n)
    }


def test_sequences_are_read_when_they_are_asked_for():
    class Lazy(list):
        asked = 0

        def __getitem__(self, i):
            self.asked += 1
            return super().__getitem__(i)

    x = Lazy(numbered(20, 20, 20).x)
    windows = Windows(Examples(x, np.zeros(3, int)), window=10)
    x.asked = 0
    windows.read([0, 5])
    assert x.asked == 2


@pytest.mark.parametrize("how", [{"window": 0}, {"window": 3, "stride": 0}])
def test_sizes_are_checked(how):
    with pytest.raises(ValueError, match="=0: expected at least 1 time step"):
        Windows(numbered(5), **how)


def test_mean_and_deviation_also_far_from_zero():
    random = np.random.default_rng(0)
    x = [random.normal([1e4, -3, 5], [1e-2, 2, 0], size=(n, 3)) for n in (50, 3, 400)]
    mean, std, *_ = channel_statistics(Examples(x, np.zeros(3, int)))
    everything = np.concatenate(x)
    np.testing.assert_allclose(mean, everything.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(std[:2], everything.std(axis=0)[:2], rtol=1e-6)
    assert std[2] == 1


def with_gaps(time=900):
    """A count of steps, missing in long gaps, beside one of which nothing is missing."""
    x = np.stack([np.arange(time), -np.arange(time)], axis=1).astype("float32")
    x[:7, 0] = x[20:45, 0] = x[50:700, 0] = np.nan
    return x


@pytest.mark.parametrize("augmented", [False, True])
def test_a_window_that_begins_in_a_gap_comes_with_what_was_there_last(augmented):
    x = with_gaps()
    last = np.fmax.accumulate(x[:, 0])
    examples = Examples([x, x[:10]], np.array([0, 1]))
    changes = Augmentation(np.zeros(2), np.ones(2), stretch=0.1) if augmented else None
    how = dict(window=10, augmentation=changes, past=Past(examples.x))
    seen = set()
    for (x, lengths, before), _, weight in shuffled_examples(examples, 16, **how).take(20):
        assert lengths.shape == weight.shape and before.shape == (16, 1, 2)
        begin = -x[:, 0, 1].numpy().astype(int)
        np.testing.assert_array_equal(before[:, 0, 0], last[begin])
        np.testing.assert_array_equal(before[:, 0, 1], x[:, 0, 1])
        missing = np.isnan(x[:, 0, 0])
        np.testing.assert_array_equal(missing, np.isnan(with_gaps()[begin, 0]))
        seen |= set(begin[missing].tolist())
    assert min(seen) < 7 and any(20 < begin < 45 for begin in seen) and max(seen) > 400
    ((x, _, before), _, _), *_ = examples_in_order(examples, 128, window=10, past=how["past"])
    begin = -x[:91, 0, 1].numpy().astype(int)
    np.testing.assert_array_equal(before[:91, 0, 0], last[begin])


@pytest.mark.parametrize("nothing", [0.0, 1e4])
def test_the_past_is_the_mean_and_the_variance_of_what_was_before(nothing):
    random = np.random.default_rng(0)
    x = random.normal(1e4, 1e-1, size=(2500, 2)).astype("float32")
    x[:3, 0] = x[1000:1100, 0] = x[2040:2060, 1] = np.nan
    carried = x.astype(np.float64)
    for t in range(len(x)):
        carried[t] = np.where(np.isnan(x[t]), carried[t - 1] if t else nothing, x[t])
    past = Past([x[:5], x], [nothing] * 2)
    for step in (1, 2, 3, 700, 1024, 1060, 2050, 2499):
        last, count, mean, variance = past(1, step)
        known = np.where(np.isnan(last), nothing, last)
        np.testing.assert_array_equal(known, carried[step].astype("float32"))
        assert count.tolist() == [step] * 2
        np.testing.assert_allclose(mean, carried[:step].mean(axis=0), rtol=1e-6)
        np.testing.assert_allclose(variance, carried[:step].var(axis=0), rtol=1e-4, atol=1e-12)
    assert past(0, 0)[1:].tolist() == [[0, 0]] * 3


def test_what_was_there_last_is_changed_as_the_window_is():
    """A constant that is missing in the window is what the augmented constant would be."""
    x = np.full((300, 3), [3, 4, 12], "float32")
    examples = Examples([x], np.zeros(1, int))
    gaps = x.copy()
    gaps[1:, 1] = np.nan
    turned = Augmentation(np.zeros(3), np.ones(3), axes=((0, 1, 2),), angle=20.0, scale=0.1)
    how = dict(window=10, augmentation=turned)
    past = Past(examples.x)
    (whole, _, _), _, _ = next(iter(shuffled_examples(examples, 8, past=past, **how)))
    examples = Examples([gaps], np.zeros(1, int))
    past = Past(examples.x)
    (x, _, before), _, _ = next(iter(shuffled_examples(examples, 8, past=past, **how)))
    assert np.isnan(x[..., 1]).all() and np.ptp(before[:, 0, 1]) > 0.1
    np.testing.assert_allclose(before[:, 0], whole[:, 0], rtol=1e-5)


def test_the_past_is_changed_as_the_window_is():
    """Of a recording that was changed as a whole, window and past are those that come."""
    random = np.random.default_rng(0)
    x = random.normal([3e-6, 2, 0], [1e-6, 1, 2], size=(600, 3)).astype("float32")
    # Uncorrelated, as the variance of what is turned takes axes to be.
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T)).T) * [1e-6, 1, 2] + [3e-6, 2, 0]
    past = Past([x], [0.0] * 3)(0, len(x) - 1)
    for how in (
        {"scale": 0.5, "faint": np.array([True, False, False])},
        {"scale": 0.1, "noise": 0.1, "faint": np.array([True, False, False])},
        {"angle": 30.0, "axes": ((0, 1, 2),), "scale": 0.1},
    ):
        changes = Augmentation(np.array([50.0, 1, 2]), np.array([9.0, 1, 2]), **how)
        whole, known = changes.with_past(x[None], past[None], np.random.default_rng(1))
        assert whole.dtype == known.dtype == np.float32
        whole = whole[0, :-1].astype(np.float64)
        np.testing.assert_allclose(known[0, 2], whole.mean(axis=0), rtol=0.01, atol=0.02)
        np.testing.assert_allclose(known[0, 3] ** 0.5, whole.std(axis=0), rtol=0.03)
        assert known[0, 1].tolist() == [599] * 3


# --- class-balanced draws, and what is changed in training ----------------------------------------


def test_balanced_draws_are_a_function_of_seed_and_step_alone():
    examples = numbered(*[60] * 9)
    examples = Examples(examples.x, np.array([0] * 7 + [1, 2]))
    how = dict(window=10, seed=1, balanced=True, augmentation=Augmentation.of(examples.x))

    def batches(count, start_step=0):
        dataset = shuffled_examples(examples, 6, start_step=start_step, **how)
        return [tf.nest.map_structure(np.asarray, batch) for batch in dataset.take(count)]

    whole = batches(20)
    for _, y, _ in whole:
        assert np.bincount(y).tolist() == [2, 2, 2]
    tf.nest.map_structure(np.testing.assert_array_equal, whole[13:16], batches(3, 13))
    (x, lengths), _, _ = whole[0]
    assert x.shape == (6, 10, 2) and not x[np.arange(10) >= lengths[:, None]].any()


def test_balanced_rows_take_all_rows_of_a_class_in_turn():
    labels = np.array([0, 1, 0, 0, 1, 2])
    rows = np.concatenate([rows.numpy() for rows in balanced_rows(labels, 3, seed=2).take(6)])
    assert np.bincount(rows, minlength=6).tolist() == [2, 3, 2, 2, 3, 6]


def accelerations(count=20, steps=300, gravity=9.81):
    random = np.random.default_rng(0)
    jumps = random.normal(0, 3, size=(count, steps + 1, 3))
    return list((jumps[:, 1:] + jumps[:, :-1]) / 2**0.5 + [0, 0, gravity])  # neighbours are alike


def test_what_fits_the_channels_is_found_by_their_numbers():
    found = Augmentation.of(accelerations())
    assert found.axes == ((0, 1, 2),) and found.stretch > 0 and found.smooth.all()
    assert Augmentation.of(accelerations(gravity=1000)).axes == ()  # no turn about the origin
    assert Augmentation.of([x[:, :2] for x in accelerations()]).axes == ()
    assert Augmentation.of([x * [1, 1, 50] for x in accelerations()]).axes == ()
    assert Augmentation.of(accelerations(steps=20)).stretch == 0


def test_speed_is_left_alone_where_a_step_is_not_like_the_one_before():
    slow = np.cumsum(np.random.default_rng(0).normal(size=(10, 300, 1)), axis=1)
    even = np.arange(300)[:, None] % 2 == 0
    by_turns = np.where(even, slow, -slow)  # at half of the sampling rate
    for recordings, stretch in ((slow, 0.1), (by_turns, 0.0), ([slow[0], by_turns[0]], 0.0)):
        assert Augmentation.of(list(recordings)).stretch == stretch
    gaps = [np.where(np.arange(300)[:, None] % 7 == 0, np.nan, x) for x in slow]
    assert Augmentation.of(gaps).stretch == 0.1
    both = [np.concatenate([x, even], axis=1) for x in slow]  # a switch is not resampled anyway
    assert Augmentation.of(both).stretch == 0.1
    np.testing.assert_allclose(roughness([np.array([[1.0], [-1], [1], [-1]])], np.ones(1)), 2)


def window_of(changes, x, begin, random):
    return changes.read(x, changes.places(len(x), begin, 100, random))


def test_a_switch_stays_what_it_is_and_a_turn_keeps_lengths():
    switch = np.random.default_rng(1).integers(0, 3, size=(300, 1))
    recordings = [np.concatenate([x, switch], axis=1) for x in accelerations()]
    changes = Augmentation.of(recordings)
    assert changes.axes == () and changes.smooth.tolist() == [True] * 3 + [False]
    random = np.random.default_rng(0)
    x = np.stack([window_of(changes, x, 20, random)[:80] for x in recordings])
    assert set(np.unique(changes(x, random)[..., 3])) <= {0, 1, 2}
    only_turned = Augmentation(np.zeros(3), np.ones(3), axes=((0, 1, 2),), angle=30.0)
    x = np.stack(accelerations()).astype(np.float32)
    turned = only_turned(x, random)
    np.testing.assert_allclose(*(np.linalg.norm(a, axis=-1) for a in (x, turned)), rtol=1e-4)
    assert np.abs(turned - x).mean() > 0.5


@pytest.mark.parametrize("begin", [0, 150, 200])
def test_a_stretched_window_is_the_recording_at_another_speed(begin):
    line = np.arange(300, dtype=np.float32)[:, None]
    changes = Augmentation(np.zeros(1), np.ones(1), stretch=0.2)
    random = np.random.default_rng(0)
    speeds = set()
    for _ in range(20):
        read = window_of(changes, line, begin, random)[:, 0]
        assert len(read) == 100 and read[0] >= 0 and read[-1] <= 299
        np.testing.assert_allclose(np.diff(read), np.diff(read)[0], rtol=1e-3)
        speeds.add(round(float(np.diff(read)[0]), 2))
    assert 0.8 <= min(speeds) < 0.95 and 1.05 < max(speeds) <= 1.21
    assert 80 < len(window_of(changes, line[:100], 0, random)) <= 100  # whole, and faster


def test_augmentation_leaves_what_is_there_of_a_channel_with_gaps():
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 3)).astype("float32")
    x[::2, 1] = np.nan
    changed = Augmentation.of([x])
    assert changed.axes
    read = window_of(changed, x, 20, random)
    share = 1 - np.isnan(read).mean(axis=0)
    assert share[0] == share[2] == 1 and 0.4 < share[1] < 0.6
    windows = read[None]
    again = changed(windows, random)
    np.testing.assert_array_equal(np.isnan(again), np.isnan(windows))
    assert not np.array_equal(again[..., 0], windows[..., 0])


@pytest.mark.parametrize("augmented", [False, True])
def test_labels_by_step_are_cut_with_their_steps(augmented):
    lengths = (60, 45, 7)
    x = [1000.0 * i + np.arange(n, dtype="float32")[:, None] for i, n in enumerate(lengths)]
    labels = entries([np.arange(n, dtype=np.int32) // 4 + 20 * i for i, n in enumerate(lengths)])
    labels[0][8:12] = -1  # none
    changes = Augmentation(np.zeros(1), np.ones(1), stretch=0.2) if augmented else None
    examples = Examples(x, labels)
    drawn = shuffled_examples(examples, 4, window=20, augmentation=changes).take(6)
    for (read, lengths), y, weight in [*drawn, *examples_in_order(examples, 2)]:
        assert y.shape == weight.shape == read.shape[:2]
        rows = (read[..., 0].numpy(), lengths.numpy(), y.numpy(), weight.numpy())
        for steps, length, labels_of_row, weights in zip(*rows, strict=True):
            places = np.rint(steps[:length]).astype(int)  # the nearest step's label
            expected = places % 1000 // 4 + 20 * (places // 1000)
            there = expected != 2
            weights_of_row = np.append(there, np.zeros(len(steps) - length))
            if weights.any():  # else it fills up the batch
                np.testing.assert_array_equal(weights, weights_of_row)
            np.testing.assert_array_equal(labels_of_row[:length][there], expected[there])
    _, y, weight = drawn.element_spec
    assert y.shape == weight.shape == (4, 20)


def test_noise_of_a_faint_recording_is_as_strong_as_its_real_steps():
    """Whatever stands behind its end or for what is missing."""
    random = np.random.default_rng(0)
    x = (9.8 + 1e-3 * random.normal(size=(20, 100, 1))).astype("float32")
    x[:, 50:] = 0
    x[:, 3] = np.nan
    loud = Augmentation(np.zeros(1), np.ones(1), faint=np.array([True]), noise=0.1)
    changed = loud(x, random, np.full(20, 50))
    added = np.nanstd(changed[:, :50] - x[:, :50])
    np.testing.assert_allclose(added, 0.1 * np.nanstd(x[:, :50]), rtol=0.1)


def test_a_smooth_curve_bends_at_another_speed_and_under_noise_as_it_did():
    """Where straight lines between its steps, or noise by its deviation, would drown its bends."""
    random, t = np.random.default_rng(0), np.arange(300)
    curve = np.stack([np.sin(t / 6), np.sin(t / 6) + 0.3 * random.normal(size=300)], axis=1)
    found = channel_statistics(Examples([curve], np.zeros(1, int)))
    assert found.smooth.tolist() == [True, False]
    smooth = ((0, found.first[0], found.second[0]),)
    changes = Augmentation.of([curve], bent=smooth)
    faster = np.linspace(20, 240, 200)
    read, expected = changes.read(curve, faster), np.sin(faster / 6)
    second = np.diff(expected, n=2)
    error = np.diff(read[:, 0], n=2) - second
    assert np.abs(error).max() < 0.003 * np.abs(second).max()
    between = Augmentation.of([curve]).read(curve, faster)
    assert np.abs(np.diff(between[:, 0], n=2) - second).max() > 0.05 * np.abs(second).max()
    np.testing.assert_array_equal(read[:, 1], between[:, 1])
    gaps = curve.copy()
    gaps[50:60] = np.nan
    read, lines = (of.read(gaps, faster) for of in (changes, Augmentation.of([gaps])))
    np.testing.assert_array_equal(np.isnan(read), np.isnan(lines))

    still = dataclasses.replace(changes, scale=0.0, axes=())
    added = still(np.repeat(curve[None], 50, axis=0).astype("float32"), random) - curve
    np.testing.assert_allclose(
        added.std(axis=(0, 1)), [0.1 * found.second[0], 0.1 * found.std[1]], rtol=0.05
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_rounding_of_what_stays_the_same_is_no_change(dtype):
    """A channel that is another constant in each recording is not faint, one in all has no std."""
    random = np.random.default_rng(0)
    x = [
        np.stack([random.normal(size=n), np.full(n, age), np.full(n, 0.1)], axis=1).astype(dtype)
        for n, age in zip(random.integers(100, 300, 40), random.integers(18, 80, 40) / 10,
                          strict=True)
    ]  # fmt: skip
    found = channel_statistics(Examples(x, np.zeros(40, int)))
    assert found.faint.tolist() == [False] * 3 and found.std[2] == 1
    # What changes little, but as float32 has it, is faint.
    for one in x[::2]:
        one[:, 1] = 1 + 1e-5 * random.normal(size=len(one))
    assert channel_statistics(Examples(x, np.zeros(40, int))).faint.tolist() == [False, True, False]
