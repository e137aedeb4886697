"""`python_source`: real code as text, from the standard library of the Python that runs.

Nothing is downloaded. `files` says which files and reads them; `builder` is the TFDS builder.
"""
