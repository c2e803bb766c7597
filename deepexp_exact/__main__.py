"""``python -m deepexp_exact``."""

import sys

from deepexp_exact.cli import main

if __name__ == "__main__":
    sys.exit(main())
