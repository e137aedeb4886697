"""Which identifiers the files of `python_source` hold."""

import io
import keyword
import tokenize

from rnnzoo.data.sets.python_source import files


def identifiers() -> list[str]:
    """The distinct names in all files, sorted; keywords are none, names in comments neither."""
    texts = (text for split in files.FILES for text in files.read_files(split).values())
    return sorted(
        {
            token.string
            for text in texts
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type == tokenize.NAME and not keyword.iskeyword(token.string)
        }
    )
