"""The loop: its gradients, and any pattern of masks."""

import numpy as np
import pytest

from rnnzoo import cells
from rnnzoo.loop import parts as parallel
from rnnzoo.loop import scan as recurrence
from rnnzoo.platform import keras, tf

BATCH, TIME, FEATURES, UNITS = 3, 6, 4, 5


class SplitTermsCell(cells.Cell):
    """Two input terms, an output that is no state, states of two sizes."""

    state_names = ("h", "count")

    @property
    def state_size(self):
        return [self.units, 1]

    def build(self, input_shape):
        self.a = self.add_weight(shape=(input_shape[-1], self.units))
        self.b = self.add_weight(shape=(input_shape[-1], self.units))
        self.recurrent = self.add_weight(shape=(self.units, self.units))
        self.scale = self.add_weight(shape=(self.units,), initializer="ones", autocast=False)

    def project(self, x):
        return x @ self.a, x @ self.b

    def recur(self, state):
        return state[0] @ self.recurrent

    def update(self, input_term, recurrent_term, state):
        a, b = input_term
        h = keras.ops.tanh(a + recurrent_term) * keras.ops.sigmoid(b)
        return self.scale * h + state[1], [h, 0.5 * state[1] + 1]


CELLS = {
    "split_terms": (SplitTermsCell, {}),
    "simple_rnn": (cells.SimpleRNNCell, {}),
    "leaky": (cells.LeakyRNNCell, {"time_constants": (1, 9)}),
    "leaky_learned": (cells.LeakyRNNCell, {"learn_time_constants": True}),
    "skip": (cells.SkipDelayRNNCell, {"delays": (1, 3)}),
    "skip_far": (cells.SkipDelayRNNCell, {"delays": (2, 4)}),
    "skip_beyond": (cells.SkipDelayRNNCell, {"delays": (1, TIME + 3)}),
    "gru": (cells.GRUCell, {}),
    "lstm": (cells.LSTMCell, {}),
}
MASKS = {
    "none": None,
    "right": [[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1], [1, 0, 0, 0, 0, 0]],
    "left": [[0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 1]],
    "holes": [[1, 0, 1, 1, 0, 1], [0, 1, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1]],
    "empty_row": [[0, 0, 0, 0, 0, 0], [1, 1, 0, 1, 1, 0], [0, 0, 0, 0, 0, 0]],
}


def build(case, dtype="float64"):
    cell_class, options = CELLS[case]
    if issubclass(cell_class, cells.DenseCell):
        options = {**options, "bias_initializer": "random_normal"}
    cell = cell_class(UNITS, **options, dtype=dtype)
    cell.build((None, FEATURES))
    return cell


def tensors(cell, mask="none"):
    rng = np.random.default_rng(2)
    x = tf.constant(rng.normal(size=(BATCH, TIME, FEATURES)), cell.compute_dtype)
    state = [
        tf.constant(rng.normal(size=(BATCH, size)), cell.state_dtype) for size in cell.state_size
    ]
    return x, state, None if MASKS[mask] is None else tf.constant(np.array(MASKS[mask], bool))


def unrolled(cell, x, state, mask=None, reverse=False, dropout=None):
    """The same by plain operations, one time step after the other, differentiated as they come."""
    order = reversed(range(TIME)) if reverse else range(TIME)
    outputs, output = [], tf.zeros((BATCH, cell.output_size), cell.state_dtype)
    for t in order:
        past = cell.past(state)
        masks = dropout or [tf.ones_like(state[0])] * len(cell.state_names)
        dropped = [s * masks[i % len(masks)] for i, s in enumerate(past)]
        new_output, new = cell.next(cell.project(x[:, t]), cell.recurrent_term(dropped), past)
        new = [*new, *state][: len(state)]
        if mask is not None:
            real = mask[:, t, None]
            new = [tf.where(real, n, s) for n, s in zip(new, state, strict=True)]
            new_output = tf.where(real, new_output, output)
        output, state = new_output, new
        outputs.append(output)
    return tf.stack(outputs, axis=1), output, state


def loss_of(result):
    outputs, last, state = result
    weights = tf.reshape(tf.range(tf.size(outputs)), tf.shape(outputs))
    return (
        tf.reduce_sum(tf.sin(outputs * tf.cast(1 + weights % 7, outputs.dtype)))
        + tf.reduce_sum(last**2)
        + sum(tf.reduce_sum(tf.cos(s) * (i + 1)) for i, s in enumerate(state))
    )


def gradients(function, cell, x, state, *rest, **options):
    values = [w.value for w in cell.trainable_variables]
    with tf.GradientTape() as tape:
        tape.watch((x, state))
        loss = loss_of(function(cell, x, state, *rest, **options))
    return [loss, *tape.gradient(loss, [x, *state, *values])]


@pytest.mark.parametrize(
    ("mask", "reverse"), [*((mask, False) for mask in MASKS), ("none", True), ("holes", True)]
)
@pytest.mark.parametrize("case", CELLS)
def test_gradient_is_that_of_an_unrolled_loop(case, mask, reverse):
    cell = build(case)
    x, state, mask = tensors(cell, mask)
    rng = np.random.default_rng(3)
    dropout = [
        tf.constant(rng.integers(0, 2, size=(BATCH, size)) * 2.0, cell.state_dtype)
        for size in cell.state_size[: len(cell.state_names)]
    ]
    for masks in (None, dropout):
        ours = gradients(recurrence.run, cell, x, state, mask, reverse=reverse, dropout=masks)
        plain = gradients(unrolled, cell, x, state, mask, reverse=reverse, dropout=masks)
        for a, b in zip(ours, plain, strict=True):
            scale = max(1.0, float(tf.reduce_max(abs(b))))
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-10 * scale)


@pytest.mark.parametrize("mask", ["none", "holes"])
@pytest.mark.parametrize("case", CELLS)
def test_parts_of_the_batch_and_checkpoints_change_nothing(case, mask, monkeypatch):
    cell = build(case)
    x, state, mask = tensors(cell, mask)
    dropout = [2 * tf.cast(s > 0, s.dtype) for s in state[: len(cell.state_names)]]
    arguments = (recurrence.run, cell, x, state, mask)
    monkeypatch.setattr(parallel, "number_of_parts", lambda batch_size: 1)
    whole = gradients(*arguments, dropout=dropout)
    # TIME is a multiple of 3, so there and only there no step is padded; 7 is more than there are.
    for parts, every in ((2, None), (1, 3), (2, 4), (BATCH, 7)):
        monkeypatch.setattr(parallel, "number_of_parts", lambda batch_size, n=parts: n)
        again = gradients(*arguments, dropout=dropout, checkpoint_every=every)
        for a, b in zip(again, whole, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("rows", [0, 1, 2, 9])
@pytest.mark.parametrize("case", ["skip_far", "lstm"])
def test_any_number_of_rows_where_it_is_not_known_before(case, rows, monkeypatch):
    monkeypatch.setattr(parallel, "number_of_parts", lambda batch_size: 3)
    cell = build(case)
    x = tf.random.stateless_normal((rows, TIME, FEATURES), seed=(0, 0), dtype=cell.compute_dtype)
    dynamic = tf.function(
        lambda x: recurrence.run(cell, x, cell.get_initial_state(tf.shape(x)[0])),
        input_signature=[tf.TensorSpec((None, TIME, FEATURES), x.dtype)],
    )
    outputs, last, final = dynamic(x)
    assert outputs.shape == (rows, TIME, UNITS)
    for row in range(rows):
        alone, _, state = recurrence.run(cell, x[row : row + 1], cell.get_initial_state(1))
        np.testing.assert_allclose(outputs[row], alone[0], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(final[-1][row], state[-1][0], rtol=1e-10, atol=1e-12)


def test_a_batch_is_split_among_the_cores_and_not_below_a_few_rows(monkeypatch):
    def parts(*batch_sizes):
        return [parallel.number_of_parts(n) for n in batch_sizes]

    monkeypatch.setattr(tf.config.threading, "get_inter_op_parallelism_threads", lambda: 3)
    assert parts(1, 7, 8, 12, 64, None) == [1, 1, 2, 3, 3, 2]
    monkeypatch.setattr(tf.config.threading, "get_inter_op_parallelism_threads", lambda: 64)
    assert parts(1000, None) == [parallel.MAX_PARTS, parallel.MAX_PARTS_OF_UNKNOWN]
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: ["a GPU"])
    assert parts(64, None) == [1, 1]


def test_cores_are_counted_where_a_system_knows_no_affinity(monkeypatch):
    monkeypatch.delattr(parallel.os, "sched_getaffinity", raising=False)
    for count, parts in ((3, 3), (None, 1)):
        monkeypatch.setattr(parallel.os, "cpu_count", lambda count=count: count)
        assert parallel.number_of_parts(64) == parts


def test_weight_gradients_of_many_segments_are_not_summed_in_half_precision():
    cell = cells.LSTMCell(4, dtype="mixed_bfloat16")
    cell.build((None, 3))
    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(size=(2, 2000, 3)), tf.bfloat16)
    values = [w.value for w in cell.trainable_variables]

    @tf.function(autograph=False)
    def weight_gradients(every):
        with tf.GradientTape() as tape:
            outputs, _, _ = recurrence.run(
                cell, x, cell.get_initial_state(2), checkpoint_every=every
            )
            loss = tf.reduce_sum(outputs)
        return tape.gradient(loss, values)

    for ours, whole in zip(weight_gradients(10), weight_gradients(None), strict=True):
        apart = np.linalg.norm(ours - whole) / np.linalg.norm(whole)
        assert apart < 0.01


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("case", ["skip", "gru", "lstm"])
def test_compiled_equals_eager_with_static_and_dynamic_shapes(case, jit):
    cell = build(case)
    x, state, mask = tensors(cell, "holes")
    expected = gradients(recurrence.run, cell, x, state, mask)
    for shape in ((BATCH, TIME, FEATURES), (None, None, FEATURES)):
        compiled = tf.function(
            lambda x, mask: gradients(recurrence.run, cell, x, state, mask),
            input_signature=[
                tf.TensorSpec(shape, x.dtype),
                tf.TensorSpec(shape[:2], tf.bool),
            ],
            jit_compile=jit,
        )
        for a, b in zip(compiled(x, mask), expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def test_sums_over_time_of_the_vanilla_network():
    """The gradients of the lecture, written out: L = sum_t |z_t - y_t|^2 / 2, z_t = h_t V + b_z."""
    cell = build("simple_rnn")
    rng = np.random.default_rng(4)
    x, (h0,), _ = tensors(cell)
    V, b_z = rng.normal(size=(UNITS, 2)), rng.normal(size=2)
    y = rng.normal(size=(BATCH, TIME, 2))
    V_, b_z_ = tf.Variable(V), tf.Variable(b_z)
    weights = [w.value for w in cell.trainable_variables]
    with tf.GradientTape() as tape:
        h, _, _ = recurrence.run(cell, x, [h0])
        loss = tf.reduce_sum((tf.tensordot(h, V_, 1) + b_z_ - y) ** 2) / 2
    ours = tape.gradient(loss, [*weights, V_, b_z_])

    x, h, h0 = x.numpy(), h.numpy(), h0.numpy()
    U = cell.get_weights()[1]
    dz = h @ V + b_z - y  # dL/dz_t
    dL_dWxh = dL_dWhh = dL_db = dL_dWhz = dL_dbz = 0
    carried = np.zeros((BATCH, UNITS))
    for t in reversed(range(TIME)):
        dh = dz[:, t] @ V.T + carried  # dL/dh_t
        da = dh * (1 - h[:, t] ** 2)  # through tanh' = 1 - tanh^2
        dL_dWxh += x[:, t].T @ da
        dL_dWhh += (h[:, t - 1] if t else h0).T @ da
        dL_db += da.sum(axis=0)
        dL_dWhz += h[:, t].T @ dz[:, t]
        dL_dbz += dz[:, t].sum(axis=0)
        carried = da @ U.T
    for a, b in zip(ours, (dL_dWxh, dL_dWhh, dL_db, dL_dWhz, dL_dbz), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_gradient_by_finite_differences():
    cell = build("lstm")
    x, state, mask = tensors(cell, "holes")
    _, *ours = gradients(recurrence.run, cell, x, state, mask)
    rng, eps = np.random.default_rng(5), 1e-6

    def loss(x):
        return float(loss_of(recurrence.run(cell, x, state, mask)))

    for variable, gradient in zip(cell.trainable_variables, ours[1 + len(state) :], strict=True):
        value = variable.numpy()
        direction = rng.normal(size=value.shape)
        variable.assign(value + eps * direction)
        up = loss(x)
        variable.assign(value - eps * direction)
        down = loss(x)
        variable.assign(value)
        np.testing.assert_allclose((up - down) / (2 * eps), np.sum(gradient * direction), rtol=1e-6)


def test_each_weight_gradient_is_one_product_outside_the_loop():
    """No weight-shaped gradient is accumulated in a loop: the loops hold no product h^T da."""
    cell = build("lstm", dtype="float32")
    x, state, _ = tensors(cell)
    graph = tf.function(lambda x: gradients(recurrence.run, cell, x, state)).get_concrete_function(
        tf.TensorSpec(x.shape, x.dtype)
    )
    bodies = {op.get_attr("body").name for op in graph.graph.get_operations() if "While" in op.type}
    assert len(bodies) == 2  # one forwards, one backwards
    in_loops = [
        node
        for function in graph.graph.as_graph_def().library.function
        if function.signature.name in bodies
        for node in function.node_def
        if node.op == "MatMul"
    ]
    assert in_loops and not any(node.attr["transpose_a"].b for node in in_loops)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("mask", [m for m in MASKS if m != "none"])
@pytest.mark.parametrize("case", ["skip", "lstm"])
def test_padded_equals_unpadded(case, mask, reverse):
    cell = build(case)
    x, state, mask = tensors(cell, mask)
    # What stands in a masked step must not matter, not even if it is no number.
    x = tf.where(mask[..., None], x, np.nan)
    outputs, last, final = recurrence.run(cell, x, state, mask, reverse=reverse)
    for row in range(BATCH):
        real = np.flatnonzero(mask[row])
        first_state = [s[row : row + 1] for s in state]
        if len(real) == 0:
            np.testing.assert_array_equal(outputs[row], np.zeros((TIME, UNITS)))
            alone_last, alone_final = np.zeros((1, UNITS)), first_state
        else:
            alone, alone_last, alone_final = recurrence.run(
                cell, tf.gather(x, real, axis=1)[row : row + 1], first_state, reverse=reverse
            )
            at = [TIME - 1 - i for i in reversed(real)] if reverse else real
            np.testing.assert_allclose(
                tf.gather(outputs[row], at), alone[0], rtol=1e-10, atol=1e-12
            )
        np.testing.assert_allclose(last[row], alone_last[0], rtol=1e-10, atol=1e-12)
        for a, b in zip(final, alone_final, strict=True):
            np.testing.assert_allclose(a[row], b[0], rtol=1e-10, atol=1e-12)


def test_no_number_in_the_padding_reaches_no_gradient():
    cell = build("lstm")
    x, state, mask = tensors(cell, "left")
    x = tf.where(mask[..., None], x, np.nan)
    for g in gradients(recurrence.run, cell, x, state, mask):
        assert np.isfinite(g).all()


@pytest.mark.parametrize("case", CELLS)
def test_reversed_equals_backwards_on_the_reversed_input(case):
    cell = build(case)
    x, state, mask = tensors(cell, "holes")
    backwards = recurrence.run(cell, x, state, mask, reverse=True)
    forwards = recurrence.run(cell, x[:, ::-1], state, mask[:, ::-1])
    by_hand = unrolled(cell, x, state, mask, reverse=True)
    for a, b, c in zip(*map(keras.tree.flatten, (backwards, forwards, by_hand)), strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_allclose(a[0], c[0], rtol=1e-10, atol=1e-12)


def test_a_state_that_would_overflow_in_the_padding_does_not_reach_the_gradients():
    cell = cells.SimpleRNNCell(
        2, activation=None, recurrent_initializer=keras.initializers.Identity(2.0), dtype="float32"
    )
    cell.build((None, 3))
    x, mask = tf.ones((2, 200, 3)), tf.sequence_mask([2, 3], 200)
    values = [w.value for w in cell.trainable_variables]

    def weight_gradients(x, mask):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(recurrence.run(cell, x, cell.get_initial_state(2), mask)[1])
        return tape.gradient(loss, values)

    for a, b in zip(
        weight_gradients(x, mask), weight_gradients(x[:, :3], mask[:, :3]), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-6)
        assert np.isfinite(a).all() and np.any(a)


def test_one_time_step():
    cell = build("lstm")
    x, state, _ = tensors(cell)
    outputs, last, final = recurrence.run(cell, x[:, :1], state)
    output, stepped = recurrence.step(cell, x[:, 0], state)
    for a, b in zip([outputs[:, 0], last, *final], [output, output, *stepped], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_zeros_at_masked_steps_where_asked_for():
    cell = build("gru")
    x, state, mask = tensors(cell, "holes")
    kept, last, _ = recurrence.run(cell, x, state, mask)
    zeroed, also_last, _ = recurrence.run(cell, x, state, mask, zero_masked=True)
    np.testing.assert_array_equal(zeroed, tf.where(mask[..., None], kept, 0))
    np.testing.assert_array_equal(last, also_last)
