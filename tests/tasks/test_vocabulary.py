import pytest

from rnnzoo.platform import tf
from rnnzoo.tasks import CharacterVocabulary

TEXT = "añ\n\0 €𝄞ab"


def test_ids_and_text_are_inverse():
    vocabulary = CharacterVocabulary(TEXT)
    assert vocabulary.characters == "".join(sorted(set(TEXT)))
    assert vocabulary.size == len(set(TEXT)) + 1
    assert vocabulary.text(vocabulary.ids(TEXT)) == TEXT


def test_graph_code_agrees_with_python():
    vocabulary = CharacterVocabulary(TEXT)
    texts = [TEXT, "", "zz aZ\U0010ffff", "a\0"]
    ids = vocabulary.encode(tf.constant(texts))
    assert ids.dtype == tf.int32
    assert ids.to_list() == [vocabulary.ids(text).tolist() for text in texts]
    decoded = [text.decode() for text in vocabulary.decode(ids).numpy()]
    assert decoded == [vocabulary.text(vocabulary.ids(text)) for text in texts]


def test_what_is_not_known_is_id_0_and_shown_as_replacement():
    vocabulary = CharacterVocabulary("bd")
    assert vocabulary.ids("abcde").tolist() == [0, 1, 0, 2, 0]
    assert vocabulary.text([0, 1]) == "\ufffdb"
    assert vocabulary.unknown("abcda") == "ac"
    assert vocabulary.encode(tf.constant([b"\xffb"])).to_list() == [[0, 1]]


def test_unknown_characters_are_named():
    with pytest.warns(UserWarning, match=r"The prompt holds 2 character.*'a' 'c'"):
        CharacterVocabulary("bd").warn_of_unknown("abcda", "The prompt")


@pytest.mark.parametrize(
    ("characters", "error", "message"),
    [
        ("", ValueError, "at least one character"),
        (b"ab", TypeError, "must be a string, not bytes"),
        ("a\udc80", ValueError, "surrogate '\\\\udc80' at character 1"),
    ],
)
def test_errors(characters, error, message):
    with pytest.raises(error, match=message):
        CharacterVocabulary(characters)
