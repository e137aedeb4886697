"""`python -m rnnzoo`: the command line."""

import sys

from rnnzoo.cli import main

sys.exit(main())
