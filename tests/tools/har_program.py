"""The type of the fixture `har`, which runs the program with the words given."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

Har = Callable[..., subprocess.CompletedProcess[str]]
