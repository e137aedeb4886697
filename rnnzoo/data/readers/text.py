"""UTF-8 text of the user's, and its lines."""


def decoded(text: bytes, name) -> str:
    """UTF-8 text, with or without a BOM; `name` says in an error whose it is.

    Raises:
        ValueError: it is not UTF-8.
    """
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = text.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{name}, line {number}: not UTF-8 ({error.reason}); save the file as UTF-8"
        ) from None


def lines_of(text: bytes, name) -> list[str]:
    r"""The lines of what `decoded` takes.

    Lines end at newlines alone: a sentence may hold others of those that Unicode knows.

    >>> lines_of(b"one\r\n\ntwo\n", "a.txt")
    ['one', '', 'two']
    """
    lines = decoded(text, name).removesuffix("\n").split("\n")
    return [line.removesuffix("\r") for line in lines]
