"""`emoji_names`: what emoji are called, in English and one of 13 other languages.

Nothing is downloaded. `names` has them from the package emoji, which has them from Unicode's CLDR;
`builder` is the TFDS builder.
"""
