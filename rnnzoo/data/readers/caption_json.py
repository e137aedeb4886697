"""Captions in JSON: COCO's, Karpathy's, records, and lines of these."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from rnnzoo.data.readers.caption_rows import Row, chosen, fault, split_of
from rnnzoo.data.readers.files import split_named


def _loads(file, line, text):
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise fault(file, line + error.lineno - 1, f"no JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise fault(file, line, "JSON that is too deep, or holds too long a number") from None


Columns = str | Sequence[str | int] | None


def json_lines(file: Path, text: str, columns: Columns) -> Iterator[Row]:
    """The rows of a record a line."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield from _record(file, number, _loads(file, number, line), columns)


def json_file(file: Path, text: str, columns: Columns) -> tuple[str, list[Row]]:
    """Of COCO, of Karpathy's splits, a list of records, or captions by picture."""
    found = _loads(file, 1, text)
    if isinstance(found, dict) and isinstance(found.get("images"), list):
        if isinstance(found.get("annotations"), list):
            return "COCO's JSON", list(_coco(file, found))
        return "Karpathy's JSON", [
            row for one in found["images"] for row in _record(file, 1, one, columns)
        ]
    if isinstance(found, list):
        return "a JSON list", [row for one in found for row in _record(file, 1, one, columns)]
    for key, value in found.items():
        if not isinstance(value, (str, list)):
            raise fault(
                file,
                1,
                f"{key!r} has no caption; expected images and annotations as COCO has them, a list "
                "of records with image and caption, or captions by picture",
            )
    rows = [row for name, value in found.items() for row in _said(file, 1, name, value, None)]
    return "captions by picture, JSON", rows


def _coco(file, found):
    names = {}
    for image in found["images"]:
        if not isinstance(image, dict) or not isinstance(image.get("id"), (int, str)):
            raise fault(file, 1, f"images: expected id and file_name, got {str(image)[:60]}")
        names[image["id"]] = image.get("file_name")
    split = split_named(file)
    for annotation in found["annotations"]:
        of = annotation.get("image_id") if isinstance(annotation, dict) else None
        name = names.get(of) if isinstance(of, (int, str)) else None
        if not isinstance(name, str) or not isinstance(annotation.get("caption"), str):
            raise fault(
                file,
                1,
                f"annotations: expected the image_id of an image with file_name, and a caption, "
                f"got {str(annotation)[:60]}",
            )
        yield Row(1, name, " ".join(annotation["caption"].split()), split)


def _record(file, line, record, columns):
    """The rows of a picture's record: its name and one caption or several."""
    if not isinstance(record, dict):
        raise fault(file, line, f"expected a record with image and caption, got {str(record)[:60]}")
    name, caption = chosen(file, line, list(record), columns)
    yield from _said(file, line, record[name], record[caption], record.get("split"))


def _said(file, line, name, captions, split):
    split = split_of(file, line, split)
    for caption in captions if isinstance(captions, list) else [captions]:
        if isinstance(caption, dict):  # Karpathy's sentences
            caption = caption.get("raw")
        if not isinstance(name, str) or not isinstance(caption, str):
            raise fault(
                file, line, f"expected a name and captions of it, got {name!r}: {caption!r:.60}"
            )
        yield Row(line, name.strip(), " ".join(caption.split()), split)
