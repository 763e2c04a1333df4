"""``python -m fillpath`` is the ``fillpath`` command."""

import sys

from fillpath.cli import main

sys.exit(main())
