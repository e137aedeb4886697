"""`watch`: shoulder exercises recorded by a wristwatch.

Nothing is downloaded. `files` reads what the package seglearn carries; `builder` is the TFDS
builder.
"""
