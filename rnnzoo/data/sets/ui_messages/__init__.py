"""`ui_messages`: what programs say to their users, in English and one of ten other languages.

Nothing is downloaded. `catalogues` reads it, from the message catalogues that the packages django
and wagtail carry; `builder` is the TFDS builder.
"""
