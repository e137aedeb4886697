"""What a translation holds as the source does: placeholders, addresses."""

from __future__ import annotations

from rnnzoo.platform import tf
from rnnzoo.tasks.vocabulary.characters import REPLACEMENT
from rnnzoo.tasks.vocabulary.sentences import PLACEHOLDER

# Characters of Unicode's private use, each of which stands for the field of that number. What is
# beyond them is read as words and signs are.
MARKS = [chr(0xE001 + i) for i in range(8)]
_OWN_MARKS = [chr(0xE101 + i) for i in range(8)]  # of a target, before they are compared
_ANY_MARK = "".join(MARKS + _OWN_MARKS)
# Addresses end before a sentence's signs, and hold no field that is marked already.
_IN_ADDRESS = rf"\s<>\"{_ANY_MARK}"
_ADDRESS = rf"https?://[^{_IN_ADDRESS}]*[^{_IN_ADDRESS}'.,;:!?()\[\]{{}}]"
_MAIL = rf"[^{_IN_ADDRESS}'@,;:!?()]+@[\w-]+(?:\.[\w-]+)+"
FIELD = f"{_ADDRESS}|{_MAIL}|{PLACEHOLDER}"


def masked(texts: tf.Tensor, marks: list[str] = MARKS) -> tuple[tf.Tensor, tf.Tensor]:
    """Sentences with a mark for each field, in order, and the fields; graph code.

    Args:
        texts: strings (batch,).
        marks: a character for each field; what is beyond them stays.

    Returns:
        strings (batch,), and strings (batch, marks), empty where there is no such field.

    Example:
        >>> texts, fields = masked(tf.constant(["%(a)s of {b}"]))
        >>> texts.numpy()[0].decode() == f"{MARKS[0]} of {MARKS[1]}"
        True
        >>> fields.numpy()[0, :3].tolist()
        [b'%(a)s', b'{b}', b'']
    """
    texts, fields = _cleaned(texts), []
    for mark in marks:
        first = tf.strings.regex_replace(texts, rf"(?s)^.*?({FIELD}).*$", r"\1")
        is_there = tf.strings.regex_full_match(texts, rf"(?s).*?(?:{FIELD}).*")
        fields.append(tf.where(is_there, first, ""))
        texts = tf.strings.regex_replace(texts, FIELD, mark, replace_global=False)
    return texts, tf.stack(fields, axis=-1) if marks else tf.fill([tf.size(texts), 0], "")


def masked_as(texts: tf.Tensor, fields: tf.Tensor, marks: list[str] = MARKS) -> tf.Tensor:
    """Targets with the marks of their sources' fields; what sources don't hold stays; graph code.

    Of equal fields the first one stands for the first one, and what a source holds less often for
    the first one, too.

    Args:
        texts: strings (batch,).
        fields, marks: of the sources, as `masked` gives and takes them.

    Example:
        >>> _, fields = masked(tf.constant(["%(a)s of {b}"]))
        >>> masked_as(tf.constant(["{b} {c} %(a)s"]), fields).numpy()[0].decode() == (
        ...     f"{MARKS[1]} {{c}} {MARKS[0]}"
        ... )
        True
    """
    if not marks:
        return _cleaned(texts)
    texts, own = masked(texts, _OWN_MARKS)
    equal = own[:, :, None] == fields[:, None]
    same = equal & (_with_count(own)[:, :, None] == _with_count(fields)[:, None])
    same = tf.where(tf.reduce_any(same, axis=-1, keepdims=True), same, equal)
    same &= (own != "")[:, :, None]
    mark = tf.gather(tf.constant(marks), tf.argmax(tf.cast(same, tf.int32), axis=-1))
    return filled_in(texts, tf.where(tf.reduce_any(same, axis=-1), mark, own), _OWN_MARKS)


def filled_in(texts: tf.Tensor, fields: tf.Tensor, marks: list[str] = MARKS) -> tf.Tensor:
    """Strings (batch, ...) with fields (batch, marks) for their marks; graph code.

    Example:
        >>> filled_in(tf.constant([f"a {MARKS[1]}"]), tf.constant([["x", "y"]]), MARKS[:2])
        <tf.Tensor: shape=(1,), dtype=string, numpy=array([b'a y'], dtype=object)>
    """
    shape = tf.shape(texts)
    texts = tf.reshape(texts, (-1,))
    fields = tf.repeat(fields, tf.reduce_prod(shape[1:]), axis=0)
    for i, mark in enumerate(marks):
        parts = tf.strings.split(texts, mark)
        row = parts.value_rowids()
        is_last = tf.concat([row[1:] != row[:-1], [True]], axis=0)[: tf.size(row)]
        behind = tf.where(is_last, "", tf.gather(fields[:, i], row))
        texts = tf.strings.reduce_join(
            parts.with_flat_values(tf.strings.join([parts.flat_values, behind])), axis=-1
        )
    return tf.reshape(texts, shape)


def _cleaned(texts):
    """With U+FFFD for damaged bytes, which no pattern would match, and for characters that would
    be read as marks.
    """
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8")
    return tf.strings.regex_replace(texts, f"[{_ANY_MARK}]", REPLACEMENT)


def _with_count(fields):
    """Each with how many are equal and before it, so that no two of a sentence are the same."""
    equal = fields[:, :, None] == fields[:, None]
    before = tf.linalg.band_part(tf.cast(equal, tf.int32), -1, 0)
    return tf.strings.join([fields, tf.strings.as_string(tf.reduce_sum(before, axis=-1))], "\x1f")
