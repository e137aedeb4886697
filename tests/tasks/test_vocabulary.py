import pytest

from rnnzoo.platform import tf
from rnnzoo.tasks import CharacterVocabulary, SentenceVocabulary

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


SENTENCES = [
    "A dog's (big) day!",
    'Save "changes" to %(name)s?  {count} left…',
    "Adresse : <b>e-mail</b>/téléphone, 50% &amp; more",
    "你好，世界 ok",
    "コーヒー 第3章 我们在2024年 世界ok 2 〆切 你好 世界 สวัสดี ครับ",
    "%(Name)s: {Count} of %1$s, %.2f and {user.name}",
    "«Nom» «%s»: %d%%",
    "!?",
    "",
]


def test_sentences_come_back_with_their_spaces():
    vocabulary = SentenceVocabulary(SentenceVocabulary.count(SENTENCES, cased=True), cased=True)
    back = [text.decode() for text in vocabulary.decode(ids_of(vocabulary, SENTENCES)).numpy()]
    assert back == [" ".join(sentence.split()) for sentence in SENTENCES]


def test_the_sign_of_the_unknown_is_no_word():
    counts = SentenceVocabulary.count(
        ["\N{REPLACEMENT CHARACTER} caf\N{REPLACEMENT CHARACTER}", "a"]
    )
    assert counts == {"a": 1, "caf": 1}


def test_any_white_space_is_a_space():
    words = SentenceVocabulary.split(tf.constant(["prix\u00a0: 5\u200b\x0b6\ufeff"])).to_list()[0]
    assert [word.decode() for word in words] == ["prix", ":", "5", "6"]


def test_placeholders_are_words():
    words = SentenceVocabulary.split(tf.constant(SENTENCES)).to_list()
    words = {word.decode().strip("￭") for of_one in words for word in of_one}
    assert {"%(name)s", "{count}", "<b>", "</b>", "&amp;", "%s", "%d", "e-mail"} <= words
    assert {"%(Name)s", "{Count}", "%1$s", "%.2f", "{user.name}"} <= words


def test_other_words_are_spelt_and_come_back():
    vocabulary = SentenceVocabulary({"a": 1, "dog": 1}, characters="abcdefghijklmnop ￭!()")
    texts = ["a bad dog", "a (bad) cage!", "zebra"]
    ids = ids_of(vocabulary, texts)
    back = [text.decode() for text in vocabulary.decode(ids).numpy()]
    assert back[:2] == texts[:2]
    assert int(ids[0, 0]) == 3 and len(set(ids[0, 1:4].numpy().tolist())) == 3
    a_word, first, other = (vocabulary.shown.index(shown) for shown in ("a", "b", "\u2060a"))
    assert ids[0].numpy().tolist()[:3] == [a_word, first, other]
    assert ids[2].numpy().tolist().count(0) == 2  # z and r


def test_what_two_vocabularies_share():
    one = SentenceVocabulary({"a": 1, "dog": 1}, characters="ab")
    two = SentenceVocabulary({"cat": 1, "dog": 1}, characters="b")
    here, there = one.shared(two)
    assert [one.shown[i] for i in here] == [two.shown[i] for i in there]
    assert [one.shown[i] for i in here[3:]] == ["dog", "b", "\u2060b"]


def ids_of(vocabulary, texts):
    return vocabulary.encode(tf.constant(texts)).to_tensor(SentenceVocabulary.EOS)


def test_a_word_of_one_letter_is_not_its_letter():
    vocabulary = SentenceVocabulary({"a": 5, "dog": 3}, characters="adgo")
    here, there = vocabulary.shared(vocabulary)
    assert here == there == list(range(vocabulary.size))
