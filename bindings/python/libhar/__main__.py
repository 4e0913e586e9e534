"""`python -m libhar`."""

import sys

from libhar.cli import main

sys.exit(main())
