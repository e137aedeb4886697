"""From examples to batches: tf.data pipelines whose batches are a function of seed and step."""
