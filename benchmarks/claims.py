"""What the lecture on recurrent networks claims, measured on these very layers.

    python benchmarks/claims.py vanishing
    python benchmarks/claims.py                 (all claims, one after the other)
    python benchmarks/claims.py --redraw        (the pictures alone, of what was measured before)

Each claim is a module of benchmarks/lecture. It writes benchmarks/results/claims_NAME.csv, and
docs/figures/NAME.png from that file; docs/claims.md says what is to be seen.
"""

import argparse
import importlib
from pathlib import Path

from lecture.curves import numbers
from PIL import Image
from record import RESULTS, ROOT, read_csv, write_csv

from rnnzoo.platform import keras, tf

CLAIMS = ("vanishing", "delays", "leaky", "gates", "alignment", "noise", "borders", "truncation")
PICTURES = ROOT / "docs" / "figures"


def main() -> None:
    """Measure, write, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("claims", nargs="*", metavar="NAME", help=", ".join(CLAIMS))
    parser.add_argument("--redraw", action="store_true", help="draw what was measured before")
    arguments = parser.parse_args()
    if unknown := set(arguments.claims) - set(CLAIMS):
        parser.error(f"no such claim: {', '.join(unknown)}; expected {', '.join(CLAIMS)}")
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in arguments.claims or CLAIMS:
        claim = importlib.import_module(f"lecture.{name}")
        path = RESULTS / f"claims_{name}.csv"
        if not arguments.redraw:
            how = {
                **claim.SIZES,
                "command": f"python benchmarks/claims.py {name}",
                "tensorflow": tf.__version__,
                "keras": keras.__version__,
            }
            write_csv(path, [{**row, **how} for row in claim.measure(**claim.SIZES)])
        picture = PICTURES / f"{name}.png"
        claim.draw(numbers(read_csv(path)), picture)
        with_few_colours(picture)
        print(f"drawn: {picture}", flush=True)


def with_few_colours(path: Path) -> None:
    """Write a picture anew with a palette: a third of the bytes, and it looks the same."""
    with Image.open(path) as image:
        image.convert("RGB").quantize(96).save(path, optimize=True)


if __name__ == "__main__":
    main()
