"""`libhar eval` on raw recordings, against SciPy's filter and PyTorch's network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import signal as scipy_signal

torch = pytest.importorskip("torch", reason="the network under test is PyTorch's")

from libhar import flat
from libhar.convert import convert
from libhar.datasets import HAPT_LABELS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SPEC = """
name = "probe"
labels = [{labels}]

[signal]
rate_hz = 50
window = 40
hop = 25
channels = [
    {{ name = "ax", kind = "accelerometer", axis = "x", unit = "g" }},
    {{ name = "ay", kind = "accelerometer", axis = "y", unit = "g" }},
    {{ name = "az", kind = "accelerometer", axis = "z", unit = "g" }},
    {{ name = "gx", kind = "gyroscope", axis = "x", unit = "rad/s" }},
    {{ name = "gy", kind = "gyroscope", axis = "y", unit = "rad/s" }},
    {{ name = "gz", kind = "gyroscope", axis = "z", unit = "rad/s" }},
]

[[signal.steps]]
type = "lowpass"
order = 2
cutoff_hz = 3
"""


class Probe(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = torch.nn.Conv1d(6, 8, 3, padding=1)
        self.dense = torch.nn.Linear(8, len(HAPT_LABELS))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.dense(torch.relu(self.conv(x)).mean(dim=2))
        return found


def test_windows_are_cut_after_the_models_own_steps(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = Probe().eval()
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC.format(labels=", ".join(f'"{name}"' for name in HAPT_LABELS)))
    sample = (torch.zeros(1, 6, 40),)
    torch.onnx.export(network, sample, str(tmp_path / "net.onnx"), dynamo=False)
    flat.save(convert(spec, tmp_path / "net.onnx"), tmp_path / "net.har")

    rng = np.random.default_rng(2)
    raw = rng.normal(0, 3, (2, 900, 6)).astype(np.float32)
    stretches = [(1 + i % 12, 60 * i + 1, 60 * i + 58 - i) for i in range(15)]
    people = (2, 3)
    np.savez(
        tmp_path / "hapt.npz",
        data=raw.reshape(-1, 6),
        exp=np.array([[1, people[0], 0, 900], [2, people[1], 900, 1800]]),
        labels=np.array([(i + 1, p, *s) for i, p in enumerate(people) for s in stretches]),
    )

    filtered = scipy_signal.sosfilt(scipy_signal.butter(2, 3, fs=50, output="sos"), raw[0], axis=0)
    confusion = np.zeros((12, 12), int)
    for activity, first, last in stretches:
        for start in range(first - 1, last - 40 + 1, 25):
            window = torch.from_numpy(filtered[start : start + 40].T.astype(np.float32))
            with torch.no_grad():
                confusion[activity - 1, int(network(window[None]).argmax())] += 1
    assert confusion.sum() > 14 and len(np.flatnonzero(confusion.sum(axis=0))) > 1

    command = [sys.executable, "-m", "libhar", "eval", str(tmp_path / "net.har"), "--data", "hapt"]
    command += ["--data-dir", str(tmp_path), "--json"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = json.loads(printed)
    assert found["confusion"] == confusion.tolist()
    assert (found["source"], list(found["accuracy_by_person"])) == ("raw", ["2"])
