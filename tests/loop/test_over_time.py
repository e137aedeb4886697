import numpy as np

from rnnzoo.loop.over_time import at, fold, number_of_steps, step_array, unfold, walk, write
from rnnzoo.platform import tf


def test_folding_makes_rows_of_time_steps_and_unfolding_undoes_it():
    x = tf.reshape(tf.range(24), (2, 3, 4))
    folded, _ = fold((x, x))
    np.testing.assert_array_equal(folded, np.concatenate(list(x)))
    np.testing.assert_array_equal(unfold(folded, like=x), x)


def test_time_is_counted_where_only_the_graph_knows_it():
    count = tf.function(
        lambda x: number_of_steps((x, x)), input_signature=[tf.TensorSpec((None, 2))]
    )
    assert int(count(tf.zeros((5, 2)))) == 5
    assert number_of_steps([tf.zeros((3, 2))]) == 3


def test_a_walk_goes_through_all_steps_in_order():
    x = tf.constant([[1.0], [2.0], [4.0]])

    def body(t, total, sums):
        total = 10 * total + at(t, x)
        return t + 1, total, write(sums, t, [total])

    _, total, (sums,) = walk(3, body, (tf.zeros(1), [step_array(tf.float32, 3, (1,))]))
    assert total.numpy().tolist() == [124]
    assert sums.stack().numpy().tolist() == [[1], [12], [124]]
