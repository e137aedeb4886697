"""What a model starts with of what another one learned."""


def copied(mine, theirs) -> bool:
    """Whether a layer could take another's weights; None is no layer."""
    if mine is None or theirs is None:
        return False
    if [w.shape for w in mine.weights] != [w.shape for w in theirs.weights]:
        return False
    mine.set_weights(theirs.get_weights())
    return True


def rows_copied(mine, theirs, here, there) -> None:
    """Copy rows of a variable, those numbered `there`, to the rows `here` of another."""
    values = mine.numpy()
    values[here] = theirs.numpy()[there]
    mine.assign(values)
