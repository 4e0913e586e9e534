"""The live example as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 20.0


class LiveServer:
    """`python -m examples.live` with the words given to `start`."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "live.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *words: object) -> str:
        """Starts it on a free port; the address of the page."""
        paths = [str(ROOT / "bindings" / "python"), os.environ.get("PYTHONPATH", "")]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "examples.live", "--port", "0", *map(str, words)],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self._process.poll() is None:
            if found := re.search(r"the page is at (\S+)", self.log()):
                return found[1]
            time.sleep(0.05)
        raise AssertionError(f"the example did not start:\n{self.log()}")

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def end(self) -> int | None:
        """Stops it as Ctrl+C does; its exit status."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
