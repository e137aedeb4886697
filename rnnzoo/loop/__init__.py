"""Time, for every cell: the loop, and its gradient."""
