"""`python -m rnnzoo.cli`: what the command `rnnzoo` does."""

import sys

from rnnzoo.cli import main

sys.exit(main())
