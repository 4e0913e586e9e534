"""Runs a command that must succeed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*words: object, **environment: str) -> str:
    """Standard output of a command that must succeed."""
    shown = subprocess.run(
        [str(word) for word in words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, f"{' '.join(map(str, words))}\n{shown.stdout}{shown.stderr}"
    return shown.stdout
