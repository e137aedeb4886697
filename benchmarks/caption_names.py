"""Is an emoji's name the answer, or among the five likeliest?

    python benchmarks/caption_names.py

Of the pretrained captioner, on the splits "test" and "composition" of its data, by beams of 5.
Writes benchmarks/results/caption_names.json.
"""

import record

import rnnzoo

WIDTH = 5
MODEL = "caption_lstm"


def main() -> None:
    """Ask, measure, write."""
    model = rnnzoo.load_model(MODEL)
    data = rnnzoo.load_captions(rnnzoo.model_info(MODEL).weights[0].dataset)
    results = {}
    for split in ("test", "composition"):
        captions = getattr(data, split)
        ranked = model.captions(captions.media, beam_width=WIDTH)
        results[split] = {
            "pictures": len(captions),
            **{f"top_{n}": share_among(n, ranked, captions.captions) for n in (1, WIDTH)},
        }
    record.write("caption_names", {"model": MODEL, "data": data.name, "results": results})


def share_among(n: int, ranked: list, captions: tuple) -> float:
    """Per cent of pictures of which one of the first n sentences is right, in lower case."""
    right = [
        {sentence.lower() for sentence in of_one}
        & {sentence.lower() for sentence, _ in sentences[:n]}
        for sentences, of_one in zip(ranked, captions, strict=True)
    ]
    return round(100 * sum(map(bool, right)) / len(right), 1)


if __name__ == "__main__":
    main()
