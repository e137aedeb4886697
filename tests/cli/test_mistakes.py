"""What a user may get wrong: each ends in one line and exit code 2, and most before TensorFlow."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cli

# Told without TensorFlow: nothing has to be read or built to know.
AT_ONCE = [
    "lsit",
    "info char_lsmt",
    "list tyo*",
    "list --data --task nothing",
    "data nowhere",
    "data folder",
    "data text --task nothing",
    "data text --columns a,b",
    "data binary --encoding nothing",
    "train --data nowhere",
    "train --data folder",
    "generate no/run",
    "generate char_lsmt",
    "generate char_rnn",
    "generate folder",
    "generate text",
    "generate char_lstm --temperature -1",
    "generate char_lstm --length -1",
    "predict no/run text",
    "predict tagger_bilstm nowhere.txt",
    "predict text text",
    "states translate_lstm nowhere.txt",
    "states text text",
    "export no/run --out exported",
    "export char_lstm exported",
    "export char_lstm --out text",
    "export char_lstm --out full",
    "train",
    "train char_lsmt",
    "train --resume",
    "train --resume --out nothing",
    "train --resume --out broken",
    "train char_rnn --data nowhere",
    "train activity_rnn --data nowhere.npz",
    "train tagger_rnn --data nowhere:xpos",
    "train translate_gru --data no.en,no.de",
    "train translate_gru --data no:en-de",
    "train caption_rnn --data nowhere",
    "train char_rnn --data text --set unitz=3",
    "train char_rnn --data text --epochs 0",
    "train char_rnn --data text --learning-rate 0",
    "train char_rnn --data text --schedule square",
    "train char_rnn --data text --seed -1",
    "train char_rnn --data text --pretrained",
    "train char_lstm --data text --pretrained --set units=8",
    "train char_rnn --data text --init-from no/run",
    "train char_rnn --data text --init-from text",
    "train char_rnn --data text --out full",
    "train text --data text --out new",
    "train no/run --data text --out new",
    "train folder --data text --out new",
    "train text.keras --data text",
    "train text.keras --out new",
    "train text.keras --data text --out new --pretrained",
    "train text.keras --data text --out new --set units=3",
    "train char_rnn --data text --epoch 3",
]

LATER = [
    "generate {text} --stop=",
    "generate {tagger}",
    "states {text} sentences",
    "predict {text} text",
    "predict {tagger} binary",
    "predict {tagger} nothing",
    "export {text} --out text/x",
    "train char_rnn --data empty",
    "train {text} --data nowhere --out new",
    "train {tagger} --data text --out new",
    "train char_rnn --data binary",
    "train char_rnn --data text --window 900",
    "train char_rnn --data text --batch-size 9999",
    "train char_rnn --data text --out text/x",
    "train char_rnn --data text --set units=-3",
    "train char_rnn --data text --set units=many",
    "train char_rnn --data text --set units=(1,2)",
    "train char_rnn --data text --set units=100000000000000000000",
    "train char_rnn --data text --set dropout=2",
    "train char_rnn --data text --set dropout=None",
    "train char_rnn --data text --set dtype=float33",
    "train char_rnn --data text --set vocabulary=3",
    "train char_rnn --data text --set vocabulary=",
    "train char_rnn --data text --set cell=lstmm",
    "train char_leaky --data text --set time_constants=0",
    "train char_leaky --data text --set time_constants=long",
    "train char_skip --data text --set delays=0",
    "train char_skip --data text --set delays=many",
    "train char_rnn --data text --window 8 --init-from {tagger}",
    "train activity_rnn --data text.npz",
    "train activity_rnn --data full",
    "train activity_rnn --data x.npz",
    "train tagger_rnn --data text",
    "train tagger_rnn --data bad.conllu",
    "train translate_gru --data text",
    "train translate_gru --data pairs.tsv --window 3",
    "train caption_rnn --data full",
    "train caption_rnn --data pictures",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files to take for something else."""
    folder = tmp_path_factory.mktemp("mistakes")
    files = {
        "text": "to be or not to be\n" * 30,
        "empty": "",
        "sentences": "one\ntwo\n",
        "text.npz": "no archive",
        "bad.conllu": "1\tword\n",
        "pairs.tsv": "one\teins\ntwo\tzwei\n" * 9,
        "full/file": "",
        "broken/config.json": "{",
        "pictures/captions.txt": "a.jpg\ta dog\n",
        "pictures/a.jpg": "no picture",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "folder").mkdir()
    (folder / "binary").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    np.savez(folder / "x.npz", x=np.zeros((4, 5, 2)), y=["a"] * 3)
    rnnzoo.create_model("char_rnn", units=2, vocabulary="to bernt\n").save(folder / "text.keras")
    tagger = rnnzoo.create_model("tagger_rnn", units=2, embedding_size=2)
    tagger.adapt(["a1"], ["ld"])
    tagger.save(folder / "tagger.keras")
    return folder


def exit_code(argv):
    try:
        return cli.main(argv)
    except SystemExit as exit_info:
        return exit_info.code


def assert_one_line_for_a_user(err):
    said = [line for line in err.splitlines() if not line.startswith("rnnzoo: warning: ")]
    assert len(said) == 1 and ": error: " in said[0]
    assert "fault of rnnzoo" not in err and "Traceback" not in err


@pytest.mark.parametrize("words", [*AT_ONCE, *LATER])
def test_a_mistake_is_one_line(words, folder, monkeypatch, capfd):
    monkeypatch.chdir(folder)
    argv = words.format(text="text.keras", tagger="tagger.keras").split()
    assert exit_code(argv) == 2
    captured = capfd.readouterr()
    assert captured.out == ""
    assert_one_line_for_a_user(captured.err)


def test_most_mistakes_are_told_without_tensorflow(folder):
    code = (
        "import sys; from rnnzoo import cli\n"
        "for line in sys.stdin:\n"
        "    try: code = cli.main(line.split())\n"
        "    except SystemExit as exit_info: code = exit_info.code\n"
        "    late = [m for m in ('tensorflow', 'keras') if m in sys.modules]\n"
        "    if code != 2 or late: sys.exit(f'{line!r}: {code}, {late}')\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        input="\n".join(AT_ONCE),
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(rnnzoo.__file__).parents[1])},
    )
    assert process.returncode == 0, process.stderr
    assert len(process.stderr.splitlines()) == len(AT_ONCE)


def test_a_model_too_large_for_the_memory(folder, monkeypatch, assert_one_line):
    from rnnzoo.platform import tf
    from rnnzoo.training import trainer

    message = "OOM when allocating tensor with shape[64,400000000] and type float on /job:localhost"

    def train(**settings):
        raise tf.errors.ResourceExhaustedError(None, None, message)

    monkeypatch.chdir(folder)
    monkeypatch.setattr(trainer, "train", train)
    argv = "train char_rnn --data text --set units=100000000"
    assert cli.main(argv.split()) == 2
    assert_one_line("64 x 400,000,000", "25,600,000,000 numbers", "102.4 GB", "--set")
