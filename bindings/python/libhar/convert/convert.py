"""The whole conversion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from libhar import flat, schema
from libhar.arrays import Npz
from libhar.convert.errors import ConvertError
from libhar.convert.onnx_graph import import_onnx
from libhar.convert.spec import load_spec
from libhar.errors import of_file
from libhar.golden import add_golden
from libhar.model import Model


def convert(
    spec: str | Path,
    network: str | Path | None = None,
    golden: str | Path | None = None,
) -> schema.Model:
    """The model of a spec (TOML), with the network of an ONNX file where one is given.

    `golden` names an .npz of raw recordings [rows, channels]; each becomes a golden vector, whose
    expected values are ONNX Runtime's. The model is opened once with the C library, which
    checks it. Raises OSError, ArraysError, ConvertError, HarError.
    """
    with of_file(spec):
        model = load_spec(spec)
        columns = Model(flat.encode(model)).info.signal_channel_count
    if network is not None:
        with of_file(network):
            model.graph, model.buffers = import_onnx(network, model.signal.window, columns)
            _check_labels(model)
    if golden is not None:
        if network is None:
            raise ConvertError("golden vectors need a network")
        recordings = _recordings(golden, len(model.signal.channels))
        add_golden(model, recordings, onnx_runner(network, _output(model)), exact=False)
    Model(flat.encode(model))
    return model


def _recordings(path: str | Path, channels: int) -> dict[str, NDArray[np.float32]]:
    stored = Npz(path)
    return {name: stored.numbers(name, ("rows", channels)) for name in stored.names}


def _check_labels(model: schema.Model) -> None:
    assert model.graph is not None
    shape = model.graph.tensors[model.graph.output].shape
    if int(shape[-1]) != len(model.labels):
        raise ConvertError(f"the network has {int(shape[-1])} outputs, labels {len(model.labels)}")


def _output(model: schema.Model) -> str:
    """The ONNX value that the graph puts out: that of the network, or what its softmax reads."""
    assert model.graph is not None
    return model.graph.tensors[model.graph.output].name


def onnx_runner(
    path: str | Path, value: str | None = None
) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """An ONNX file in ONNX Runtime: [windows, rows, columns] to [windows, n] of `value`.

    None means the file's output.
    """
    import onnxruntime

    model = onnx.load(str(path))
    if value is not None:
        model.graph.output[0].CopyFrom(onnx.helper.make_empty_tensor_value_info(value))
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    entry = session.get_inputs()[0]

    def run(windows: NDArray[np.float32]) -> NDArray[np.float32]:
        channels_first = entry.shape[1] == windows.shape[2]
        batch = windows.transpose(0, 2, 1) if channels_first else windows
        outputs = [session.run(None, {entry.name: w[None].copy()})[0] for w in batch]
        return np.stack([output.reshape(-1) for output in outputs])

    return run
