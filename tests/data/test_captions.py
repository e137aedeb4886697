"""Captioned media by name and path."""

import collections
import hashlib
import importlib.util

import numpy as np
import pytest
from PIL import Image

from rnnzoo.data import load_captions, read_media
from rnnzoo.data.readers import media

needs_video = pytest.mark.skipif(
    not importlib.util.find_spec("av"),
    reason="pip install 'rnnzoo[video]'",
)


def _picture(path, seed=0, size=(8, 6)):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


def _folder(folder, lines, file="captions.txt", count=10):
    for number in range(count):
        _picture(folder / "Images" / f"{number}.png", number)
    (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _all(data):
    return {
        name: (media, said)
        for part in (data.train, data.validation, data.test)
        for name, media, said in zip(part.names, part.media, part.captions, strict=True)
    }


def _lines(count=10, text="{number}.png\tpicture {number}"):
    return [text.format(number=number) for number in range(count)]


def test_flickr8k(tmp_path):
    lines = [f"{n}.png#{k}\tpicture {n} in words {k} ." for n in range(10) for k in range(2)]
    data = load_captions(_folder(tmp_path, lines, "Flickr8k.token.txt"))
    assert [len(p.names) for p in (data.train, data.validation, data.test)] == [8, 1, 1]
    found = _all(data)
    assert found["3.png"][1] == ("picture 3 in words 0 .", "picture 3 in words 1 .")
    np.testing.assert_array_equal(found["3.png"][0], _picture(tmp_path / "again.png", 3))
    assert data.composition is None and not data.video
    again = load_captions(str(tmp_path))
    assert again.metadata == data.metadata and again.test.names == data.test.names


@pytest.mark.parametrize("file", ["captions.csv", "captions.txt"])
def test_csv(tmp_path, file):
    lines = ["image,caption", *(f'Images/{n}.png,"one, ""two"" and {n}"' for n in range(10))]
    data = load_captions(_folder(tmp_path, lines, file), validation=0.3, test=0)
    assert [len(p.names) for p in (data.train, data.validation, data.test)] == [7, 3, 0]
    assert _all(data)["Images/4.png"][1] == ('one, "two" and 4',)


def test_csv_that_says_the_split(tmp_path):
    splits = ["train", "dev", "val", "Validation", "test", *["train"] * 5]
    lines = ["image,caption,split", *(f"{n}.png,a {n},{split}" for n, split in enumerate(splits))]
    data = load_captions(_folder(tmp_path, lines, "c.csv"))
    assert data.validation.names == ("1.png", "2.png", "3.png") and data.test.names == ("4.png",)
    for line, words in (
        ("1.png,a,train", "line 12: 1.png is in the split train, and above in validation"),
        ("1.png,a,other", "line 12: the split 'other'; expected one of train"),
        ("1.png,a", "line 12: 2 columns; expected image,caption,split"),
    ):
        (tmp_path / "c.csv").write_text("\n".join([*lines, line]))
        with pytest.raises(ValueError, match=words):
            load_captions(tmp_path)


def test_what_changes_changes_the_digest(tmp_path):
    def digest():
        return load_captions(tmp_path).metadata["sha256"]["train"]

    name = load_captions(_folder(tmp_path, _lines())).train.names[0]
    digests = [digest()]
    _picture(tmp_path / "Images" / name, 99)
    digests.append(digest())
    file = tmp_path / "captions.txt"
    file.write_text(file.read_text().replace("picture", "drawing"))
    digests.append(digest())
    assert len(set(digests)) == 3


def test_pictures_are_read_when_asked_for(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(media, "read_picture", read.append)
    data = load_captions(_folder(tmp_path, _lines()))
    assert read == []
    data.train.media[1]
    assert [path.name for path in read] == [data.train.names[1]]


def test_what_cannot_be_read_is_listed_once(tmp_path):
    lines = _lines() + [f"lost{n}.png\tnothing" for n in range(4)]
    _folder(tmp_path, lines)
    (tmp_path / "Images" / "3.png").write_bytes(b"no picture")
    (tmp_path / "Images" / "7.png").write_bytes((tmp_path / "Images" / "8.png").read_bytes()[:60])
    words = r"6 of the media.*lost0.png, lost1.png, lost2.png, lost3.png, 3.png, \.\.\.; they"
    with pytest.warns(UserWarning, match=words) as warned:
        data = load_captions(tmp_path)
    assert len(warned) == 1 and len(_all(data)) == 8
    for path in (tmp_path / "Images").iterdir():
        path.unlink()
    with pytest.raises(ValueError, match="14 of the media.*nothing is left.*no such file"):
        load_captions(tmp_path)


def test_a_jpeg_that_was_cut_off_is_left_out(tmp_path):
    _folder(tmp_path, [*_lines(), "cut.jpg\ta photograph"])
    pixels = np.random.default_rng(0).integers(0, 255, (60, 80, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "whole.jpg")
    whole = (tmp_path / "whole.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.warns(UserWarning, match="1 of the media.*cut.jpg"):
        assert len(_all(load_captions(tmp_path))) == 10


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([*_lines(), "3.png no tab"], "line 11: '3.png no tab' has no tab; expected name<TAB>"),
        ([*_lines(), "3.png\t  "], "line 11: the caption is empty"),
        ([*_lines(), "\tan apple"], "line 11: the name is empty"),
        (["image,caption", "3.png,"], "line 2: the caption is empty"),
        (["image,caption", '3.png,"a'], "line 2: unexpected end of data"),
        ([], "holds no caption"),
        (["3.png\tone only"], "0 media to train on and 1 to validate on, of 1"),
    ],
)
def test_malformed_lines(tmp_path, lines, words):
    with pytest.raises(ValueError, match=words):
        load_captions(_folder(tmp_path, lines))


@pytest.mark.parametrize("begin", ["0.png\ta crêpe", "image,caption"])
def test_captions_in_other_encodings(tmp_path, begin):
    lines = [begin, *(f"{n}.png{begin[5]}eine Schüssel für {n} Äpfel" for n in range(1, 10))]
    file = _folder(tmp_path, [], "captions.txt") / "captions.txt"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"):
        file.write_bytes("\r\n".join(lines).encode(encoding))
        data = load_captions(tmp_path, encoding="cp1252" if encoding == "cp1252" else None)
        assert _all(data)["4.png"][1] == ("eine Schüssel für 4 Äpfel",)
    with pytest.raises(ValueError, match="captions.txt, line 1: not ascii"):
        file.write_bytes("\n".join([*lines[::-1]]).encode("cp1252"))
        load_captions(tmp_path, encoding="ascii")


def test_a_guessed_encoding_is_said_wherever_captions_are_read(tmp_path):
    said = "cp1252, a guess (--encoding settles it)"
    lines = [f"{n}.png\teine Schüssel für {n} Äpfel, schön geöffnet" for n in range(10)]
    folder = _folder(tmp_path / "one", [])
    (folder / "captions.txt").write_bytes("\n".join(lines).encode("cp1252"))
    assert load_captions(folder).reading.facts["encoding"] == said
    for split, part in (("train", lines[:8]), ("val", lines[8:])):
        (folder / f"{split}.txt").write_bytes("\n".join(part).encode("cp1252"))
    (folder / "captions.txt").unlink()
    (folder / "val.txt").write_text("\n".join(lines[8:]), encoding="utf-8")
    assert load_captions(folder).reading.facts["encoding"] == f"{said}: train.txt"
    beside = tmp_path / "beside"
    for n in range(10):
        _picture(beside / f"{n}.png", n)
        (beside / f"{n}.txt").write_bytes("eine Schüssel für schöne Äpfel".encode("cp1252"))
    assert load_captions(beside).reading.facts["encoding"] == f"{said}: 0.txt, 1.txt, 2.txt, ..."


def test_which_file_and_which_picture(tmp_path):
    _folder(tmp_path, _lines())
    _picture(tmp_path / "more" / "3.png")
    with pytest.raises(ValueError, match=r"line 4: 3.png may be .*; expected the path from"):
        load_captions(tmp_path)
    (tmp_path / "other.csv").write_text("image,caption\n3.png,another")
    with pytest.raises(ValueError, match=r"captions.txt, other.csv; expected exactly one"):
        load_captions(tmp_path)
    (tmp_path / "more" / "3.png").unlink()
    (tmp_path / "other.csv").write_text("")
    left_out = load_captions(tmp_path).reading.left_out
    assert left_out == ["other.csv (holds no caption)"]
    _picture(tmp_path / "more" / "3.png")
    with pytest.raises(ValueError, match=r"files of captions: none"):
        load_captions(tmp_path / "more")
    with pytest.raises(FileNotFoundError, match="'nowhere' is neither a folder.*emoji_captions"):
        load_captions("nowhere")
    with pytest.raises(ValueError, match="validation=0, test=0.1: expected shares"):
        load_captions(tmp_path, validation=0)


def test_features(tmp_path):
    features = np.random.default_rng(0).normal(size=(10, 5))
    for number, one in enumerate(features):
        np.savez(tmp_path / f"{number}.npz", one)
    text = "{number}.npz\tpicture {number}"
    (tmp_path / "captions.tsv").write_text("\n".join(_lines(text=text)))
    data = load_captions(tmp_path)
    media, _ = _all(data)["2.npz"]
    assert media.dtype == np.float32 and not data.video
    np.testing.assert_array_equal(media, features[2].astype(np.float32))
    np.savez(tmp_path / "2.npz", features[:, :4])
    with pytest.raises(ValueError, match="9 features of size 5, 1 sequences of features of size 4"):
        load_captions(tmp_path)


def test_features_of_frames(tmp_path):
    for number in range(10):
        np.save(tmp_path / f"{number}.npy", np.full((40, 3), np.arange(40)[:, None] + number))
    text = "{number}.npy\tvideo {number}"
    (tmp_path / "captions.tsv").write_text("\n".join(_lines(text=text)))
    with pytest.raises(ValueError, match="holds shape .40, 3. of type int64; expected finite"):
        load_captions(tmp_path)
    for number in range(10):
        frames = np.full((40, 3), np.arange(40)[:, None] + number, np.float32)
        np.save(tmp_path / f"{number}.npy", frames)
    data = load_captions(tmp_path)
    media, _ = _all(data)["1.npy"]
    assert data.video and media.shape == (16, 3)
    assert media[0, 0] == 1 and media[-1, 0] == 40 and (np.diff(media[:, 0]) >= 2).all()


def test_folders_of_frames(tmp_path):
    for number in range(10):
        for frame in range(20):
            _picture(tmp_path / f"clip{number}" / f"{frame:03}.png", 100 * number + frame)
    text = "clip{number}\tvideo {number}"
    (tmp_path / "captions.tsv").write_text("\n".join(_lines(text=text)))
    data = load_captions(tmp_path)
    media, _ = _all(data)["clip3"]
    assert data.video and media.shape == (16, 6, 8, 3)
    for at, frame in ((0, 0), (-1, 19)):
        np.testing.assert_array_equal(media[at], _picture(tmp_path / "x.png", 300 + frame))
    _picture(tmp_path / "4.png")
    with (tmp_path / "captions.tsv").open("a") as file:
        file.write("\n4.png\ta picture")
    with pytest.raises(ValueError, match="several kinds .10 videos, 1 pictures.; expected one"):
        load_captions(tmp_path)
    _picture(tmp_path / "clip3" / "000.png", size=(9, 9))
    with pytest.raises(ValueError, match="clip3 can't be read: its frames are of different sizes"):
        read_media(tmp_path / "clip3")


def test_short_videos_repeat_frames_that_are_each_looked_at_once(tmp_path, monkeypatch):
    for number in range(10):
        for frame in range(3):
            _picture(tmp_path / f"clip{number}" / f"{frame}.png", 10 * number + frame)
    text = "clip{number}\tvideo {number}"
    (tmp_path / "captions.tsv").write_text("\n".join(_lines(text=text)))
    looks = collections.Counter()

    def counted(function):
        def look(file, *args):
            looks[function.__name__] += 1
            return function(file, *args)

        return look

    monkeypatch.setattr(Image, "open", counted(Image.open))
    monkeypatch.setattr(hashlib, "file_digest", counted(hashlib.file_digest))
    data = load_captions(tmp_path)
    assert looks == {"open": 30, "file_digest": 30}
    media, _ = _all(data)["clip4"]
    expected = [_picture(tmp_path / "x.png", 40 + frame) for frame in range(3)]
    assert media.shape == (16, 6, 8, 3)
    for at, frame in ((0, 0), (7, 1), (8, 1), (15, 2)):
        np.testing.assert_array_equal(media[at], expected[frame])


def test_frames_of_different_sizes_are_found_at_first(tmp_path):
    for number in range(10):
        for frame in range(3):
            _picture(tmp_path / f"clip{number}" / f"{frame}.jpg")
    text = "clip{number}\tvideo {number}"
    (tmp_path / "captions.tsv").write_text("\n".join(_lines(text=text)))
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side: of the size of the others
    Image.new("RGB", (6, 8)).save(tmp_path / "clip4" / "1.jpg", exif=exif)
    Image.new("RGB", (8, 6)).save(tmp_path / "clip5" / "1.jpg", exif=exif)
    with pytest.warns(UserWarning, match="1 of .* clip5; they .* Of the first: .*different sizes"):
        data = load_captions(tmp_path)
    assert {media.shape for media, _ in _all(data).values()} == {(16, 6, 8, 3)}


def test_pictures_too_large_to_read_are_found_at_first(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    _folder(tmp_path, _lines())
    _picture(tmp_path / "Images" / "3.png", size=(20, 11))
    with pytest.warns(UserWarning, match="1 of .* 3.png; .*220 pixels.* exceeds .*Make it smaller"):
        assert len(_all(load_captions(tmp_path))) == 9
    with pytest.raises(ValueError, match="3.png can't be read: .*220 pixels.* exceeds"):
        read_media(tmp_path / "Images" / "3.png")


def _video(path, frames):
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


@needs_video
def test_video_files(tmp_path):
    import av

    for number in range(3):
        frames = np.zeros((30, 32, 32, 3), np.uint8)
        frames += (8 * np.arange(30, dtype=np.uint8))[:, None, None, None]
        _video(tmp_path / f"{number}.mp4", frames)
    (tmp_path / "captions.tsv").write_text("\n".join(_lines(3, "{number}.mp4\tit gets brighter")))
    data = load_captions(tmp_path, test=0)
    video = data.train.media[0]
    assert data.video and video.shape == (16, 32, 32, 3) and video.dtype == np.uint8
    brightness = video.mean(axis=(1, 2, 3))
    assert brightness[0] < 8 and brightness[-1] > 220 and (np.diff(brightness) > 5).all()
    _video(tmp_path / "short.mp4", frames[::10])
    brightness = read_media(tmp_path / "short.mp4").mean(axis=(1, 2, 3))
    assert len(brightness) == 16 and len(set(brightness.tolist())) == 3
    assert brightness[0] < 8 and brightness[-1] > 150
    (tmp_path / "2.mp4").write_bytes(b"no video")
    with pytest.warns(UserWarning, match="1 of the media it names are missing or can't.*2.mp4"):
        load_captions(tmp_path, test=0)
    with pytest.raises(ValueError, match=r"2.mp4 can't be read"):
        read_media(tmp_path / "2.mp4")
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), "float32"), "fltp", "mono")
        silence.sample_rate = 8000
        container.mux(stream.encode(silence))
        container.mux(stream.encode())
    with pytest.raises(ValueError, match=r"sound.mp4 can't be read: it holds no video"):
        read_media(tmp_path / "sound.mp4")
