"""Series in time: what comes next, as a distribution."""
