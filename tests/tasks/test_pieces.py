"""Words cut into pieces: as the package tokenizers cuts them, and back."""

import importlib.util
import random

import pytest

from rnnzoo import MissingPackage
from rnnzoo.platform import tf
from rnnzoo.tasks import PieceVocabulary, SentenceVocabulary
from rnnzoo.tasks.vocabulary import REPLACEMENT
from rnnzoo.tasks.vocabulary.longest_match import LongestMatch
from rnnzoo.tasks.vocabulary.sentences import GOES_ON

tokenizers = pytest.importorskip("tokenizers", reason="pip install 'rnnzoo[translation]'")

STEMS = [
    "walk",
    "talk",
    "jump",
    "élève",
    "straße",
    "über",
    "наш",
    "字",
    "日本",
    "50",
    "don't",
    "e-mail",
]
ENDS = ["", "s", "ed", "ing", "er", "ers", "lich", "é", "e\u0301"]
SIGNS = [" ", " ", " ", ", ", ".", "!", "##", " ##", "%(name)s", "👍🏽", "(", "’"]
OTHERS = [
    "\n",
    "\t",
    "  ",
    "\0",
    "İ",
    "ẞ",
    "\ufffd",
    GOES_ON,
    "￭",
    "\u200b",
    "\U0001f468\u200d\U0001f467",
    "ﬁ",
]


def made_up(draw, most):
    """A string of what is known, what is not, and what is odd."""
    parts = []
    for _ in range(draw.randrange(most)):
        kind = draw.random()
        if kind < 0.6:
            parts += draw.choice(STEMS), draw.choice(ENDS), draw.choice(SIGNS)
        elif kind < 0.9:
            parts += draw.choices("abdegiklmnprstuw#", k=draw.randrange(1, 9))
        else:
            parts.append(draw.choice(OTHERS))
    return "".join(parts)


@pytest.fixture(scope="module")
def vocabulary():
    draw = random.Random(0)
    counts = SentenceVocabulary.count([made_up(draw, 8) for _ in range(300)])
    known = {word: n for word, n in counts.items() if not {*"ﬁ\ufffd"} & {*word}}
    return PieceVocabulary.learned(known, pieces=120)


def as_tokenizers_cuts(vocabulary, sentences):
    """Ids with EOS behind."""
    ids = {piece: i for i, piece in enumerate(vocabulary.shown) if i >= 3}
    cut = tokenizers.Tokenizer(
        tokenizers.models.WordPiece(
            ids | {"[UNK]": 0},
            max_input_chars_per_word=10**9,
            continuing_subword_prefix=GOES_ON,
        )
    )
    words = vocabulary.split(tf.constant(sentences), vocabulary.cased).to_list()
    words = [[word.decode() for word in of_one] for of_one in words]
    found = cut.encode_batch(words, is_pretokenized=True)
    return [[*of_one.ids, vocabulary.EOS] for of_one in found]


@pytest.mark.parametrize(
    "strings", [5_000, pytest.param(1_000_000, marks=pytest.mark.slow)], ids=str
)
def test_words_are_cut_as_tokenizers_cuts_them(vocabulary, strings):
    draw = random.Random(1)
    lengths, unknown = set(), 0
    for _ in range(0, strings, 5_000):
        sentences = [made_up(draw, 6) for _ in range(5_000)]
        ids = vocabulary.encode(tf.constant(sentences)).to_list()
        assert ids == as_tokenizers_cuts(vocabulary, sentences)
        lengths |= {len(vocabulary.shown[i]) for of_one in ids for i in of_one}
        unknown += sum(of_one.count(vocabulary.UNKNOWN) for of_one in ids)
    assert lengths >= {1, 2, 3, 4, 5, 6} and unknown > strings / 100


def test_it_cuts_so_whatever_the_pieces_are():
    draw = random.Random(2)
    for _ in range(20):
        pieces = {"".join(draw.choices("ab", k=draw.randrange(1, 5))) for _ in range(8)}
        pieces |= {GOES_ON + "".join(draw.choices("abc", k=draw.randrange(1, 4))) for _ in range(8)}
        of_these = PieceVocabulary(dict.fromkeys(sorted(pieces), 1))
        words = [
            "".join(draw.choices("abcd", (9, 9, 3, 1), k=draw.randrange(9))) for _ in range(50)
        ]
        ids = of_these.encode(tf.constant(words)).to_list()
        assert ids == as_tokenizers_cuts(of_these, words)


def test_what_is_cut_is_joined_again(vocabulary):
    draw = random.Random(3)
    known = {*"".join(vocabulary.counts), *vocabulary.characters, *" \n\t\0"}
    sentences = [made_up(draw, 6) for _ in range(2_000)]
    sentences = tf.constant([of for of in sentences if {*of.lower()} <= known])
    assert len(sentences) > 500
    ids = vocabulary.encode(sentences)
    assert not tf.reduce_any(ids.flat_values == vocabulary.UNKNOWN)
    back = vocabulary.decode(ids.to_tensor(vocabulary.EOS))
    assert back.numpy().tolist() == vocabulary.join(vocabulary.split(sentences)).numpy().tolist()
    assert vocabulary.decode([[2]]).numpy().tolist() == [b""]


@pytest.mark.parametrize(
    "sentence", ["", " ", "\n", "w" * 200, "walk" * 50 + "ж", "##ed # ##", "\N{WORD JOINER}ed"]
)
def test_what_is_odd_by_itself_and_beside_others(vocabulary, sentence):
    (alone,) = ids = vocabulary.encode(tf.constant([sentence])).to_list()
    assert ids == as_tokenizers_cuts(vocabulary, [sentence])
    beside = vocabulary.encode(tf.constant(["walked", sentence, "talkers"])).to_list()
    assert beside[1] == alone and beside[0] == as_tokenizers_cuts(vocabulary, ["walked"])[0]


def test_none_and_very_long_ones():
    vocabulary = PieceVocabulary({"walk": 1, f"{GOES_ON}wal": 1}, "walk")
    assert vocabulary.encode(tf.constant([], tf.string)).to_list() == []
    first, wal, k = (vocabulary.shown.index(of) for of in ("walk", f"{GOES_ON}wal", f"{GOES_ON}k"))
    words = tf.constant([" ".join(["walk" * 5_000, "walk" * 5_000 + "é", "walk"])])
    assert vocabulary.encode(words).to_list() == [[first, *[wal, k] * 4_999, 0, first, 2]]


def test_a_word_with_an_unknown_character_is_unknown():
    vocabulary = PieceVocabulary({"dog": 3, f"{GOES_ON}gy": 2}, "dogyc")
    ids = vocabulary.encode(tf.constant(["doggy Dog cog cat doga"])).to_list()
    shown = " ".join(vocabulary.shown[i] for i in ids[0]).replace(GOES_ON, "_").strip()
    assert shown == f"dog _gy dog c _o _g {REPLACEMENT} {REPLACEMENT}"
    some = tf.constant([[0, 2], ids[0][-2:], ids[0][:2]])
    assert vocabulary.unheard_of(some).numpy().tolist() == [True, True, False]


def test_words_count_once_and_signs_are_shown(vocabulary):
    (ids,) = vocabulary.encode(tf.constant(["walkers"])).to_list()
    assert len(ids) > 2 and vocabulary.lengths[ids[:-1]].sum() == 1
    spelt = PieceVocabulary({"a": 1}, "b§￭")
    ids = spelt.encode(tf.constant(["a§b"])).to_tensor(2)
    assert b" ".join(spelt.tokens(ids)[0].numpy()).decode() == "a ￭ § ￭ b </s>"


def test_in_a_dataset_it_is_the_same(vocabulary):
    sentences = ["walked!", "", "talk ##", "jumpers über"]
    batches = tf.data.Dataset.from_tensor_slices(sentences).batch(3).map(vocabulary.encode)
    found = [ids for batch in batches for ids in batch.to_list()]
    assert found == vocabulary.encode(tf.constant(sentences)).to_list()


def test_what_is_learned_is_the_same_each_time_where_pairs_are_as_frequent():
    draw = random.Random(4)
    words = ["".join(draw.choices("abcdefghij", k=6)) for _ in range(60)]
    learned = [PieceVocabulary.learned(dict.fromkeys(words, 1), 40, 1) for _ in range(6)]
    assert len({tuple(of.counts.items()) for of in learned}) == 1
    assert set(learned[0].characters) == {*"abcdefghij"}


def test_counts_are_of_pieces_that_training_met():
    counts = {"lower": 5, "newer": 6, "low": 4, "ex": 1}
    vocabulary = PieceVocabulary.learned(counts, pieces=100)
    words = tf.repeat(list(counts), list(counts.values()))
    ids = vocabulary.encode(tf.strings.reduce_join(words, separator=" ")[None]).to_list()[0]
    shown = [vocabulary.shown[i] for i in ids]
    assert vocabulary.counts == {piece: shown.count(piece) for piece in vocabulary.counts}
    assert min(vocabulary.counts.values()) >= 2 and "ex" not in vocabulary.counts
    assert len(PieceVocabulary.learned(counts, pieces=3).counts) <= 3


def test_pieces_stay_and_characters_come():
    before = PieceVocabulary.learned({"lower": 5, "newer": 6}, pieces=3)
    other = PieceVocabulary.learned({"wolves": 9, "lower": 9}, pieces=9)
    after = before.with_others(other)
    assert after.counts == before.counts and after.characters == "elnorsvw"
    known, unknown = tf.constant(["lower newer rewon"]), tf.constant(["wolves"])
    shown = [[of.shown[i] for i in of.encode(known).to_list()[0]] for of in (before, after)]
    assert shown[0] == shown[1]
    assert before.encode(unknown).to_list() == [[0, 2]]
    assert after.decode(after.encode(unknown).to_tensor()).numpy().tolist() == [b"wolves"]
    assert after.with_others(before) is after


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackage, match=r"package tokenizers: .*rnnzoo\[translation\]"):
        PieceVocabulary.learned({"dog": 2}, 5)


def test_a_piece_may_be_the_beginning_of_none_that_goes_on():
    match = LongestMatch({"a": 1}, goes_on="_")
    assert match(tf.constant(["a", "aa", ""])).to_list() == [[1], [0], []]
