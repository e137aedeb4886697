"""One short script a task; `rnnzoo train` calls the same code."""
