"""Pairs of sentences in every layout, with the halves that are right."""

import gzip
import json

import pytest

from rnnzoo.data import load_pairs, read_pairs, task_of
from rnnzoo.errors import DataError

PAIRS = [("Hello, you", "Bonjour, vous"), ("How are you?", "Comment ça va ?")]


def written(tmp_path, text, name="pairs.txt"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_what_unicode_takes_for_an_end_of_line_is_none(tmp_path):
    text = "\N{BYTE ORDER MARK}one\u2028two \t eins\x85zwei\r\nthree\tdrei\r\n"
    pairs, reading = read_pairs(written(tmp_path, text))
    assert pairs == [("one\u2028two", "eins\x85zwei"), ("three", "drei")]
    assert str(reading) == "read as pairs, separated by tabs: 2 pairs"
    assert reading.examples[1] == {"source": "three", "target": "drei"}


PO = """\
msgid ""
msgstr ""
"Language: fr\\n"
"Content-Type: text/plain; charset=UTF-8\\n"

msgid "Hello, you"
msgstr "Bonjour, vous"

#, fuzzy
msgid "Go"
msgstr "Va"

msgid "Stay"
msgstr ""

msgid "How "
"are you?"
msgstr "Comment ça va ?"

#~ msgid "Old"
#~ msgstr "Vieux"
"""
TMX = """\
<?xml version="1.0" encoding="ISO-8859-1"?>
<tmx version="1.4"><header srclang="en" datatype="plaintext"/><body>
<tu><tuv xml:lang="fr"><seg>Bonjour, <bpt i="1">&lt;b&gt;</bpt>vous</seg></tuv>
    <tuv xml:lang="en-GB"><seg>Hello, you</seg></tuv></tu>
<tu><tuv xml:lang="en-GB"><seg>Lonely</seg></tuv></tu>
<tu><tuv xml:lang="en-GB"><seg>How are you?</seg></tuv>
    <tuv xml:lang="fr"><seg>Comment \xe7a va ?</seg></tuv></tu>
</body></tmx>
"""


@pytest.mark.parametrize(
    ("text", "layout", "direction"),
    [
        ("{0}\t{1}\n", "pairs, separated by tabs", None),
        ("English\tFrench\n{0}\t{1}\n", "pairs, separated by tabs", "English to French"),
        ("source\ttarget\n{0}\t{1}\n", "pairs, separated by tabs", None),
        ("target\tsource\n{1}\t{0}\n", "pairs, separated by tabs", None),
        ("{0}\t{1}\tCC-BY 2.0 (France) Attribution: tatoeba.org #2877272 (CM)\n",
         "pairs, separated by tabs", None),
        ("1276\t{0}\t3021\t{1}\n", "pairs, separated by tabs", None),
        ("{0}\t{1}\t0.75\n", "pairs, separated by tabs", None),
        ("{0} ||| {1}\n", "pairs, separated by |||", None),
        ('"{0}"\t"{1}"\n', "pairs, separated by tabs", None),
        ('"id"\t"en"\t"fr"\n"1"\t"{0}"\t"{1}"\n', "pairs, separated by tabs", "en to fr"),
        ("Englisch\tFrançais\n{0}\t{1}\n", "pairs, separated by tabs", "Englisch to Français"),
        ('en,fr\n"{0}","{1}"\n', "pairs, separated by commas", "en to fr"),
        ('id;source;target\n1;"{0}";"{1}"\n', "pairs, separated by semicolons", None),
        ('"{0}","{1}"\n', "pairs, separated by commas", None),
        ('{{"id": "0", "translation": {{"en": "{0}", "fr": "{1}"}}}}\n',
         "JSON lines: 'en' and 'fr'", "en to fr"),
        ('{{"target": "{1}", "source": "{0}"}}\n', "JSON lines: 'source' and 'target'", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("times", [1, 20])
def test_layouts(tmp_path, text, layout, direction, times):
    header, line = (text[: text.index("\n") + 1], text[text.index("\n") + 1 :])
    if not line:
        header, line = "", header
    path = written(tmp_path, header + "".join(line.format(*pair) for pair in PAIRS) * times)
    pairs, reading = read_pairs(path)
    assert pairs == PAIRS * times
    assert reading.layout == layout and reading.counts == {"pairs": 2 * times}
    assert reading.facts.get("direction") == direction and reading.left_out == []
    languages = load_pairs(path, test=0).languages if times > 1 else None
    assert languages == (tuple(direction.split(" to ")) if direction and times > 1 else None)


def test_message_catalogues(tmp_path):
    pairs, reading = read_pairs(written(tmp_path, PO, "django.po"))
    assert pairs == PAIRS and reading.layout == "message catalogue (PO)"
    assert reading.facts["direction"] == "en to fr"
    expected = ["1 fuzzy messages", "1 untranslated messages", "1 obsolete messages"]
    assert reading.left_out == expected
    with pytest.raises(ValueError, match=r"a.po.*: no message catalogue"):
        read_pairs(written(tmp_path, PO + "nonsense\n", "a.po"))
    with pytest.raises(ValueError, match="without a translated sentence"):
        read_pairs(written(tmp_path, 'msgid "a"\nmsgstr ""\n', "a.po"))


def test_translation_memories(tmp_path):
    path = written(tmp_path, TMX.encode("latin-1"), "a.tmx")
    pairs, reading = read_pairs(path)
    assert pairs == PAIRS and reading.layout == "translation memory (TMX)"
    assert reading.facts["direction"] == "en-gb to fr"
    assert reading.left_out == ["1 units without one of en-gb and fr"]
    assert read_pairs(path, columns="fr,en")[0] == [pair[::-1] for pair in PAIRS]
    path.write_bytes(TMX.encode("cp437"))
    assert read_pairs(path, encoding="cp437")[0] == PAIRS
    more = TMX.replace("</body>", '<tu><tuv xml:lang="de"><seg>Ja</seg></tuv></tu></body>')
    path.write_bytes(more.encode("latin-1"))
    with pytest.raises(ValueError, match="sentences in fr, en-gb, de; expected two.*--columns en,"):
        read_pairs(path)
    path.write_bytes(TMX.encode("latin-1")[:-20])
    with pytest.raises(ValueError, match="a.tmx: no whole XML"):
        read_pairs(path)


def test_columns_settle_the_direction(tmp_path):
    path = written(tmp_path, "en\tfr\tde\n" + "one\tun\teins\ntwo\tdeux\tzwei\n" * 9)
    with pytest.raises(
        ValueError, match=r"1 en \('one'\), 2 fr \('un'\), 3 de \('eins'\).*--columns"
    ):
        read_pairs(path)
    pairs, reading = read_pairs(path, columns="de,fr")
    assert pairs[0] == ("eins", "un") and reading.facts["direction"] == "de to fr"
    data = load_pairs(path, columns="de,fr", validation=0.5, test=0)
    assert data.languages == ("de", "fr")
    path = written(tmp_path, "one\tun\teins\ntwo\tdeux\tzwei\n" * 9)
    assert read_pairs(path, columns=(3, 1))[0][:2] == [("eins", "one"), ("zwei", "two")]
    path = written(tmp_path, "one,un\ntwo,deux\n" * 9)
    assert read_pairs(path, columns="2,1")[0][0] == ("un", "one")
    with pytest.raises(ValueError, match="line 1: 'one,un' has no tab; expected source<TAB>target"):
        read_pairs(path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1.5\t2\n3\t4\n" * 9, "looks like a table of numbers"),
        ('{"a": "x", "b": "y", "c": "z"}\n', "which column is the source.*1 a .*2 b .*3 c "),
        ("\n", "holds nothing"),
        ("Only prose here.\nAnd more of it.\n", "'Only prose here.' has no tab"),
        ('en,fr\n"a,b\n', "which column|no tab|columns"),
    ],
)
def test_what_can_not_be_told_is_refused(tmp_path, text, why):
    with pytest.raises(ValueError, match=f"pairs.txt.*{why}"):
        read_pairs(written(tmp_path, text))


def test_a_json_array_is_as_its_lines_are(tmp_path):
    entries = [{"translation": {"en": en, "fr": fr}} for en, fr in PAIRS]
    pairs, reading = read_pairs(written(tmp_path, json.dumps(entries, indent=2)))
    assert pairs == PAIRS and reading.layout == "JSON lines: 'en' and 'fr'"


def test_words_and_tags_are_odd_pairs(tmp_path):
    path = written(tmp_path, "".join(f"word{i}\tNN\n" for i in range(30)))
    (odd,) = load_pairs(path).reading.warnings
    assert odd.startswith("it looks like sequence-tagging (words with few different ones beside")


def test_quotes_between_tabs_are_signs_of_a_sentence_where_others_have_none(tmp_path):
    said = [('"Go!" he said', '"Va !" dit-il'), ('"Go!"', '"Va !"'), ("Go", "Va"), ("So", "Si")]
    assert read_pairs(written(tmp_path, "".join("\t".join(p) + "\n" for p in said)))[0] == said
    path = written(tmp_path, 'a b\tc d\n"He said ""go"""\t"Il dit ""va"""\n' * 9)
    assert read_pairs(path)[0][:2] == [("a b", "c d"), ('He said "go"', 'Il dit "va"')]


XLIFF = {
    "1.2": """<?xml version="1.0"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
<file source-language="en" target-language="fr" original="a" datatype="plaintext"><body>
<trans-unit id="1"><source>Hello, <bpt id="1">&lt;b&gt;</bpt>you</source>
  <target>Bonjour, vous</target><alt-trans><source>Hi</source><target>Salut</target></alt-trans>
</trans-unit><trans-unit id="2"><source>Lonely</source></trans-unit>
<trans-unit id="3"><source>How are <g id="2">you?</g></source>
  <target>Comment ça va ?</target></trans-unit></body></file></xliff>""",
    "2.0": """<xliff version="2.0" srcLang="en" trgLang="fr"
  xmlns="urn:oasis:names:tc:xliff:document:2.0"><file id="f">
<unit id="1"><segment><source>Hello, you</source><target>Bonjour, vous</target></segment>
<segment><source>Lonely</source></segment><segment><source>How are <pc id="1">you?</pc></source>
<target>Comment ça va ?</target></segment></unit></file></xliff>""",
}


@pytest.mark.parametrize("version", XLIFF)
def test_xliff(tmp_path, version):
    pairs, reading = read_pairs(written(tmp_path, XLIFF[version]))
    assert pairs == PAIRS and reading.layout == "XLIFF"
    assert reading.facts["direction"] == "en to fr"
    assert reading.left_out == ["1 units without one of en and fr"]
    path = written(tmp_path, XLIFF[version], "a.xlf")
    assert read_pairs(path, columns="fr,en")[0] == [pair[::-1] for pair in PAIRS]
    assert load_pairs(tmp_path / "a.xlf", validation=0.5, test=0).languages == ("en", "fr")


def test_a_catalogue_says_its_encoding(tmp_path):
    text = PO.replace("UTF-8", "KOI8-R").replace(": fr", ": ru")
    text = text.replace("Bonjour, vous", "привет").replace("Comment ça va ?", "как дела?")
    path = written(tmp_path, text.encode("koi8-r"), "a.po")
    pairs, reading = read_pairs(path)
    assert [target for _, target in pairs] == ["привет", "как дела?"]
    assert reading.facts["encoding"] == "koi8-r"
    assert read_pairs(path, columns="ru,en")[0][0] == ("привет", "Hello, you")
    with pytest.raises(ValueError, match="sentences in en, ru; expected two languages"):
        read_pairs(path, columns="ru,de")


@pytest.mark.parametrize(
    ("header", "columns", "expected"),
    [
        ("", "en,de", "en to de"),
        ("", "de,en", "de to en"),
        ("", "en-GB,pt_BR", "en to pt_BR"),
        ("", "2,1", None),
        ("", None, None),
        ("pt_BR", "pt,en", "pt_BR to en"),
        ("pt_BR", "pt-BR,en", "pt_BR to en"),
        ("pt_BR", "pt_br,en-us", "pt_BR to en"),
        ("en_GB", "en,en-gb", "en to en_GB"),
        ("en_GB", "en_GB,en", "en_GB to en"),
        ("en", None, "en to en"),
    ],
)
def test_languages_of_a_catalogue(tmp_path, header, columns, expected):
    path = written(tmp_path, PO.replace("Language: fr\\n", f"Language: {header}\\n"), "a.po")
    pairs, reading = read_pairs(path, columns=columns)
    assert reading.facts.get("direction") == expected
    turned = columns in ("2,1", "de,en", "pt,en", "pt-BR,en", "pt_br,en-us", "en_GB,en")
    assert pairs == [pair[::-1] if turned else pair for pair in PAIRS]
    with pytest.raises(ValueError, match="sentences in en, .*; expected two languages"):
        read_pairs(path, columns="fr,it")


@pytest.mark.parametrize(
    ("languages", "columns", "expected"),
    [
        (("en", "en"), None, "en to en"),
        (("en-US", "en-US"), None, "en-us to en-us"),
        (("en-US", "en-GB"), "en-gb,en", "en-gb to en-us"),
        (("en", None), None, None),
        (("en", None), "de,en", "de to en"),
        ((None, None), None, None),
        ((None, None), "en,de", "en to de"),
        ((None, None), "2,1", None),
        (("pt_BR", "en"), "en,pt", "en to pt_br"),
    ],
)
@pytest.mark.parametrize("version", XLIFF)
def test_languages_of_xliff(tmp_path, version, languages, columns, expected):
    text = XLIFF[version]
    for place, language in enumerate(languages):
        name = {"1.2": ("source-language", "target-language"), "2.0": ("srcLang", "trgLang")}
        at, old = name[version][place], ("en", "fr")[place]
        text = text.replace(f'{at}="{old}"', f'{at}="{language}"' if language else "")
    pairs, reading = read_pairs(written(tmp_path, text), columns=columns)
    turned = columns in ("2,1", "de,en", "en-gb,en", "en,pt")
    assert pairs == [pair[::-1] if turned else pair for pair in PAIRS]
    assert reading.facts.get("direction") == expected
    assert list(reading.examples[0].values()) == list(pairs[0])
    both = expected.replace(" to ", " and ") if expected else "source and target"
    assert reading.left_out == [f"1 units without one of {both}"]


def test_blank_lines_between_pairs_are_counted_and_no_fault(tmp_path):
    pairs, reading = read_pairs(written(tmp_path, "a b\tc d\n\n\n" * 9))
    assert pairs == [("a b", "c d")] * 9
    assert reading.left_out == ["16 blank lines, the first is line 2"]


def test_short_sentences_are_no_names_of_columns(tmp_path):
    for first in ("no\tit\n", "one\tun\n", "Go\tVa\n"):
        pairs, _ = read_pairs(written(tmp_path, first + "two\tdeux\n" * 9))
        assert pairs[0] == tuple(first.split())


def test_folders_packed_and_in_any_case(tmp_path):
    deeper = tmp_path / "corpus"
    deeper.mkdir()
    for name, count in (("Train", 20), ("VAL", 4)):
        for language in ("EN", "fr"):
            text = "".join(f"{language} {i}\n" for i in range(count))
            written(deeper, gzip.compress(text.encode()), f"{name}.{language}.gz")
    written(tmp_path, "about", "README")
    data = load_pairs(f"{tmp_path}:en-fr")
    assert [len(part) for part in (data.train, data.validation, data.test)] == [20, 4, 0]
    assert data.train.sources[3] == "EN 3" and data.languages == ("en", "fr")
    assert data.reading.left_out == ["1 other files: README"]
    assert data.reading.facts == {"packed": "gzip", "direction": "en to fr"}
    written(tmp_path, '"a, b","c"\n"d","e"\n' * 9, "pairs.CSV")
    assert load_pairs(tmp_path, validation=0.5, test=0).reading.counts == {"pairs": 18}


def dialogues(folder, language, *lines):
    folder.mkdir(parents=True, exist_ok=True)
    said = [
        f'dialogId("{key}", "font_small",\n  "{source}")\n'
        + ("" if target is None else f'dialogStr("{target}")\n')
        for key, source, target in lines
    ]
    path = folder / f"dialogs_{language}.lua"
    path.write_text("-- of the game\n\n" + "\n".join(said), encoding="utf-8")
    return path


def test_dialogues_of_a_game(tmp_path):
    path = dialogues(
        tmp_path / "city",
        "fr",
        ("a", "Stay calm.", "Gardez votre calme."),
        ("b", r"In C:\\x they say \"no\".", r"Dans C:\\x ils disent \"non\"."),
        ("c", "Not yet", None),
    )
    path.write_text(path.read_text() + '--dialogId("d", "x", "old")\n--dialogStr("vieux")\n')
    dialogues(tmp_path / "city", "de", ("b", "x", "Da sagt man nein."), ("a", "x", "Ruhe."))
    dialogues(tmp_path / "ship", "fr", ("a", "A ship", "Un bateau"))
    pairs, reading = read_pairs(path)
    assert pairs == [
        ("Stay calm.", "Gardez votre calme."),
        (r'In C:\x they say "no".', r'Dans C:\x ils disent "non".'),
    ]
    assert reading.left_out == ["1 lines without one of en and fr"]
    assert reading.facts["direction"] == "en to fr"
    assert task_of(path).task == "translation"

    data = load_pairs(f"{tmp_path}:en-fr", validation=0.3, test=0)
    assert len(data.train) + len(data.validation) == 3 and data.languages == ("en", "fr")
    assert data.reading.counts == {"files": 2, "pairs": 3}
    pairs, _ = read_pairs(path, columns="de,fr")
    assert pairs[0] == ("Ruhe.", "Gardez votre calme.")
    assert read_pairs(path, columns="fr,en")[0][0] == ("Gardez votre calme.", "Stay calm.")
    with pytest.raises(DataError, match="has sentences in en and fr; .*dialogs_sv.lua is not"):
        read_pairs(path, columns="sv,fr")
    only = dialogues(tmp_path / "no", "en", ("a", "Stay calm.", None))
    with pytest.raises(DataError, match="has sentences in en alone; expected the file of another"):
        read_pairs(only)
