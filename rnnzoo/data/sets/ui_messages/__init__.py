"""`ui_messages`: what programs say to their users, in English and one of ten other languages.

Nothing is downloaded. `catalogues` reads it, from the message catalogues that web frameworks and
applications carry; `builder` is the TFDS builder.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset

if TYPE_CHECKING:
    from rnnzoo.data import PairData

# Those that most of the packages are well translated to; Portuguese as in Brazil. The first one
# unless another is asked for.
LANGUAGES = ("fr", "de", "es", "it", "nl", "pl", "pt", "ru", "sv", "tr")
LICENSE = (
    "BSD-3-Clause (Django, Wagtail, django CMS, django-oscar, Trac, JupyterLab), MIT "
    "(django-allauth), BSD-2-Clause (Sphinx), and their translators"
)
URL = "https://www.djangoproject.com, https://wagtail.org, https://jupyter.org and others"


@register_dataset(
    "ui_messages",
    task="translation",
    description="what programs say to their users, in English and in French or another language",
    extra="ui_messages",
    license=LICENSE,
    size="made here",
    url=URL,
    variants=LANGUAGES[1:],
)
def load(name: str) -> PairData:
    """Load it as pairs of messages."""
    from rnnzoo.data.sets.parts import pair_data
    from rnnzoo.data.sets.prepare import import_tfds
    from rnnzoo.data.sets.ui_messages import catalogues

    language = name.partition("/")[2] or LANGUAGES[0]
    catalogues.check_packages(language)
    import_tfds()
    from rnnzoo.data.sets.ui_messages.builder import UiMessages

    return pair_data(name, functools.partial(UiMessages, config=catalogues.config(language)))
