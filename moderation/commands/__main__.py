"""`python -m moderation.commands`: the same as `moderation`."""

import sys

from . import main

sys.exit(main())
