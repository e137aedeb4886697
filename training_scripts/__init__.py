"""One short Keras script a task; `rnnzoo train` calls the same code."""
