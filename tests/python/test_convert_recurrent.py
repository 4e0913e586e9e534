"""Recurrent networks of both PyTorch exporters and of Keras: one layer each, the same scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from libhar import schema
from libhar.convert import UnsupportedOp
from libhar.convert.onnx_graph import import_onnx
from libhar.reference import Network as Reference
from makers import noise
from onnx import TensorProto, helper, numpy_helper
from test_convert import export
from test_convert_layouts import EXPORTERS, Network
from torch import Tensor, nn

WINDOW, COLUMNS = 18, 3
KERAS = Path(__file__).parent / "keras"
HEADS: dict[str, Callable[..., Tensor]] = {
    "last": lambda y, h: y[:, -1],
    "mean": lambda y, h: y.mean(1),
    "max": lambda y, h: y.amax(1),
    "state": lambda y, h: torch.cat(list(h), 1),
}


def kinds(graph: schema.Graph) -> list[str]:
    return [type(op.params).__name__ for op in graph.ops]


def samples(count: int = 4) -> np.ndarray:
    return np.stack([noise(np.random.default_rng(i), WINDOW, COLUMNS) for i in range(count)])


def check(network: nn.Module, path: Path, channels_first: bool = True) -> schema.Graph:
    """The graph, when it gives PyTorch's outputs."""
    graph, buffers = import_onnx(path, WINDOW, COLUMNS)
    x = torch.from_numpy(samples())
    x = x.transpose(1, 2).contiguous() if channels_first else x
    with torch.no_grad():
        wanted = torch.cat([network(window[None]) for window in x]).numpy()
    found = Reference(graph, buffers).run(samples())
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * max(1, np.abs(wanted).max()))
    return graph


def sequence_network(seed: int) -> tuple[nn.Module, int]:
    """Random layers over time and a random head, of [N, C, T]; and how many layers it must be."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    cell = str(rng.choice(["RNN", "LSTM", "GRU"]))
    units, layers, both = int(rng.integers(2, 7)), int(rng.integers(1, 3)), rng.random() < 0.5
    more = {"nonlinearity": "relu"} if cell == "RNN" and rng.random() < 0.3 else {}
    recurrent = getattr(nn, cell)(
        COLUMNS, units, layers, bias=bool(rng.random() < 0.8), batch_first=True,
        bidirectional=bool(both), **more,
    )  # fmt: skip
    head = str(rng.choice(list(HEADS)))
    directions = 2 if both else 1
    features = units * directions * (layers if head == "state" else 1)

    def run(x: Tensor, a: nn.Module, b: nn.Module) -> Tensor:
        y, state = a(x.transpose(1, 2))
        return b(HEADS[head](y, state[0] if cell == "LSTM" else state))

    # The last row of a backward direction is its first step: no state stands before it.
    return Network(run, recurrent, nn.Linear(features, 5)).eval(), layers * directions


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_layers_of_the_torchscript_exporter(seed: int, tmp_path: Path) -> None:
    network, layers = sequence_network(seed)
    export(network, tmp_path / "net.onnx", False, (1, COLUMNS, WINDOW))
    graph = check(network, tmp_path / "net.onnx")
    assert kinds(graph).count("Recurrent") == layers


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_layers_of_the_dynamo_exporter(seed: int, tmp_path: Path) -> None:
    """Which unrolls an RNN: its steps become layers again."""
    network, layers = sequence_network(seed)
    export(network, tmp_path / "net.onnx", True, (1, COLUMNS, WINDOW))
    graph = check(network, tmp_path / "net.onnx")
    assert layers - 1 <= kinds(graph).count("Recurrent") <= layers
    assert len(graph.ops) <= 4 * layers + 4


@EXPORTERS
def test_only_the_last_state_is_computed_where_it_alone_is_read(
    dynamo: bool, tmp_path: Path
) -> None:
    torch.manual_seed(2)
    network = Network(
        lambda x, a, b: b(a(x.permute(2, 0, 1))[0][-1]), nn.GRU(COLUMNS, 4), nn.Linear(4, 5)
    ).eval()
    export(network, tmp_path / "net.onnx", dynamo, (1, COLUMNS, WINDOW))
    graph = check(network, tmp_path / "net.onnx")
    assert kinds(graph) == ["Recurrent", "Dense"]
    params = graph.ops[0].params
    assert isinstance(params, schema.Recurrent) and params.last and params.reset_after


def test_cells_in_a_loop_of_python_become_a_layer(tmp_path: Path) -> None:
    class Cells(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell, self.head = nn.LSTMCell(COLUMNS, 4), nn.Linear(4, 5)

        def forward(self, x: Tensor) -> Tensor:
            h, c = torch.zeros(1, 4), torch.zeros(1, 4)
            for t in range(x.shape[1]):
                h, c = self.cell(x[:, t], (h, c))
            return self.head(h)

    torch.manual_seed(4)
    network = Cells().eval()
    export(network, tmp_path / "net.onnx", True, (1, WINDOW, COLUMNS))
    graph = check(network, tmp_path / "net.onnx", channels_first=False)
    assert kinds(graph) == ["Recurrent", "Dense"]


LAYERS = {
    "lstm_stacked_any": 2,
    "lstm_bidirectional_any": 2,
    "gru_reset_after_bidirectional": 2,
    "gru_reset_before_stacked": 2,
    "hard_silu": 0,
    "multi_head_attention": 0,
    "gates": 0,
}


@pytest.mark.parametrize("path", sorted(KERAS.glob("*.onnx")), ids=lambda path: path.stem)
def test_networks_of_keras(path: Path) -> None:
    """Loops, unrolled layers and nodes; keras/make.py made them and what Keras computes."""
    graph, buffers = import_onnx(path, 20, 6)
    stored = np.load(path.with_suffix(".npz"))
    found = Reference(graph, buffers).run(stored["windows"])
    np.testing.assert_allclose(found, stored["outputs"], rtol=0, atol=1e-5)
    assert kinds(graph).count("Recurrent") == LAYERS.get(path.stem, 1)
    assert len(graph.ops) < 25


def node_file(path: Path, op: str, gates: int, **given: object) -> None:
    """One recurrent node over "x" [1, COLUMNS, WINDOW], the mean of its states the output."""
    rng = np.random.default_rng(0)
    units = 2
    shapes = {
        "w": (1, gates * units, COLUMNS),
        "r": (1, gates * units, units),
        "b": (1, 2 * gates * units),
        "state": (1, 1, units),
        "peepholes": (1, 3 * units),
    }
    inputs = ["rows", "w", "r", "b", "", *given.pop("more", [])]  # type: ignore[misc]
    nodes = [
        helper.make_node("Transpose", ["x"], ["rows"], perm=[2, 0, 1]),
        helper.make_node(op, inputs, ["y"], name="layer", hidden_size=units, **given),
        helper.make_node("ReduceMean", ["y"], ["z"], axes=[0, 1, 2], keepdims=0),
        helper.make_node("Unsqueeze", ["z", "axis"], ["out"]),
    ]
    values = [
        numpy_helper.from_array(rng.normal(size=shape).astype(np.float32), name)
        for name, shape in shapes.items()
    ]
    values.append(numpy_helper.from_array(np.array([0]), "axis"))
    entry = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, COLUMNS, WINDOW])
    output = helper.make_tensor_value_info("out", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "net", [entry], [output], values)
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)


@pytest.mark.parametrize(
    ("op", "gates", "given", "message"),
    [
        ("LSTM", 4, {"more": ["state"]}, "its state are not zeros"),
        ("LSTM", 4, {"more": ["", "", "peepholes"]}, "its peepholes are not zeros"),
        ("GRU", 3, {"clip": 3.0}, "it clips its gates to 3.0"),
        ("LSTM", 4, {"input_forget": 1}, "it couples input and forget gate"),
        ("GRU", 3, {"activations": ["HardSigmoid", "Tanh"]}, "are hardsigmoid, tanh"),
        ("RNN", 1, {"activations": ["Affine"]}, "its activations are affine"),
    ],
)
def test_what_a_layer_cannot_be_is_refused_by_name(
    op: str, gates: int, given: dict[str, object], message: str, tmp_path: Path
) -> None:
    node_file(tmp_path / "net.onnx", op, gates, **given)
    with pytest.raises(UnsupportedOp, match=message) as caught:
        import_onnx(tmp_path / "net.onnx", WINDOW, COLUMNS)
    assert (caught.value.node, caught.value.op) == ("layer", op)
