"""What columns and files of pairs are called after: languages by their names and codes."""

from __future__ import annotations

import re

_NAMES = {
    "arabic", "bulgarian", "chinese", "croatian", "czech", "danish", "dutch", "english",
    "estonian", "finnish", "french", "german", "greek", "hebrew", "hindi", "hungarian",
    "indonesian", "irish", "italian", "japanese", "korean", "latvian", "lithuanian",
    "norwegian", "persian", "polish", "portuguese", "romanian", "russian", "serbian",
    "slovak", "slovenian", "spanish", "swedish", "thai", "turkish", "ukrainian", "vietnamese",
    # As they call themselves, and English.
    "deutsch", "englisch", "français", "anglais", "español", "inglés", "italiano", "inglese",
    "português", "inglês", "nederlands", "engels", "polski", "angielski", "svenska", "engelska",
    "dansk", "norsk", "engelsk", "suomi", "englanti", "čeština", "magyar", "română", "türkçe",
    "ελληνικά", "русский", "английский", "українська", "中文", "日本語", "한국어",
}  # fmt: skip
# Codes that are words of English, too: where all columns are such, they are words.
WORDS = {"am", "as", "he", "hi", "is", "it", "my", "no", "or", "so"}
_CODES = WORDS | {
    "af", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "eo",
    "es", "et", "eu", "fa", "fi", "fr", "ga", "gl", "gu", "hr", "hu", "hy", "ja", "ka", "kk",
    "km", "kn", "ko", "ky", "la", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "mt", "nb", "ne",
    "nl", "nn", "pa", "pl", "ps", "pt", "ro", "ru", "si", "sk", "sl", "sq", "sr", "sv", "sw",
    "ta", "te", "th", "tl", "tr", "tt", "uk", "ur", "uz", "vi", "zh", "zu", "ara", "ces",
    "cmn", "dan", "deu", "ell", "eng", "epo", "est", "fin", "fra", "fre", "ger", "heb", "hin",
    "hun", "ita", "jpn", "kor", "nld", "nob", "pol", "por", "ron", "rus", "spa", "swe", "tur",
    "ukr", "vie", "zho",
}  # fmt: skip
_CODE = re.compile(r"([a-z]{2,3})([-_][a-z]{2,4})?")


def is_language(name: str) -> bool:
    """Whether a name in lower case is that of a language.

    >>> [is_language(name) for name in ("english", "pt_br", "eng_latn", "one")]
    [True, True, True, False]
    """
    code = _CODE.fullmatch(name)
    return name in _NAMES or bool(code and code[1] in _CODES)
