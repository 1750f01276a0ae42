"""``python -m neurosim`` is the command ``neurosim``."""

import sys

from neurosim.cli import main

if __name__ == "__main__":
    sys.exit(main())
