"""Opening a model in Python: from what, and with which numbers."""

from __future__ import annotations

from pathlib import Path

import libhar
import numpy as np
import pytest

NAME = "tests/golden/tiny_f32.har"


def test_bytes_of_any_kind_are_copied(root: Path) -> None:
    content = bytearray((root / NAME).read_bytes())
    wanted = libhar.Model(bytes(content))
    opened = [libhar.Model(content), libhar.Model(memoryview(content))]
    spread = np.repeat(np.frombuffer(content, np.uint8), 2)
    opened.append(libhar.Model(memoryview(spread)[::2]))
    content[:] = bytes(len(content))
    for model in opened:
        assert model.info == wanted.info
        assert model.selftest().passed


@pytest.mark.parametrize("as_path", [str, Path])
def test_a_path_does_not_end_at_a_null(root: Path, as_path: type) -> None:
    with pytest.raises(ValueError, match="must not hold a null"):
        libhar.Model(as_path(str(root / NAME) + "\0.txt"))


def test_numbers_are_never_wrapped(root: Path) -> None:
    path = root / NAME
    for name in ("hop", "cpu_allowed", "backend"):
        for value, bound in ((-1, "at least 0"), (2**32, "at most 4294967295")):
            with pytest.raises(ValueError, match=f"{name} is {value}, must be {bound}"):
                libhar.Model(path, **{name: value})
    model = libhar.Model(path, hop=np.int64(3))
    info = model.info
    windows = np.zeros((1, info.window, info.signal_channel_count), np.float32)
    with pytest.raises(ValueError, match="threads is -1, must be at least 0"):
        model.classify(windows, threads=-1)
    with pytest.raises(ValueError, match="hop is -1, must be at least 0"):
        model.overlap(-1)
