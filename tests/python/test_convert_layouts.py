"""What the importer makes of flattening, joining, a last softmax, adaptive pools, constants."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

import libhar
import numpy as np
import onnx
import pytest
import torch
from libhar import flat, schema
from libhar.convert import ConvertError, UnsupportedOp, convert
from libhar.convert.convert import onnx_runner
from libhar.convert.onnx_graph import import_onnx
from libhar.reference import Network as Reference
from makers import noise, with_network
from onnx import TensorProto, helper
from test_convert import export, scores_of
from torch import Tensor, nn
from torch.nn import functional

WINDOW, COLUMNS = 24, 3
EXPORTERS = pytest.mark.parametrize("dynamo", [False, True], ids=["torchscript", "dynamo"])


class Network(nn.Module):
    """A function of the input and some layers."""

    def __init__(self, run: Callable[..., Tensor], *layers: nn.Module) -> None:
        super().__init__()
        self.run, self.layers = run, nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.run(x, *self.layers)


def norm(features: int) -> nn.BatchNorm1d:
    layer = nn.BatchNorm1d(features)
    with torch.no_grad():
        for values in (layer.weight, layer.bias, layer.running_mean):
            values.copy_(torch.randn(features))
        layer.running_var.copy_(torch.rand(features) + 0.3)
    return layer


def conv(outputs: int) -> nn.Conv1d:
    return nn.Conv1d(COLUMNS, outputs, 3, padding=1)


def networks() -> dict[str, Network]:
    """Networks that put out logits."""
    torch.manual_seed(7)
    features = COLUMNS * WINDOW
    return {
        "batch norm of flattened channels": Network(
            lambda x, a, b: b(a(x.flatten(1))), norm(features), nn.Linear(features, 5)
        ),
        "a constant per flattened feature": Network(
            lambda x, a: a(x.flatten(1) * torch.linspace(-1, 2, features)), nn.Linear(features, 5)
        ),
        "two flattened tensors joined": Network(
            lambda x, a, b: b(torch.cat([x.flatten(1), a(x).flatten(1), x.mean(2)], 1)),
            conv(4),
            nn.Linear(features + 4 * WINDOW + COLUMNS, 5),
        ),
        "two flattened tensors added": Network(
            lambda x, a, b: b(x.flatten(1) + a(x).flatten(1)), conv(3), nn.Linear(features, 5)
        ),
        "features in different orders added": Network(
            lambda x, a, b: b(a(x.flatten(1)) + x.flatten(1)),
            nn.Linear(features, features),
            nn.Linear(features, 5),
        ),
        "an output flattened over time": Network(
            lambda x, a: a(x).flatten(1), nn.Conv1d(COLUMNS, 2, WINDOW - 2)
        ),
        "time first, then flattened": Network(
            lambda x, a: a(x.transpose(1, 2).flatten(1)), nn.Linear(features, 5)
        ),
        "clamped from below": Network(lambda x, a: a(x.clamp(min=0).mean(2)), nn.Linear(3, 5)),
        "softmax over channels inside": Network(
            lambda x, a, b: b(torch.softmax(a(x), 1).mean(2)), conv(4), nn.Linear(4, 5)
        ),
        "a weight that is computed": Network(
            lambda x, a, b: b(a(x).mean(2)),
            nn.utils.parametrizations.weight_norm(conv(4)),
            nn.Linear(4, 5),
        ),
    }


def quiet_export(network: nn.Module, path: Path, dynamo: bool) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        export(network.eval(), path, dynamo, (1, COLUMNS, WINDOW))


def imported(path: Path) -> schema.Model:
    return with_network(*import_onnx(path, WINDOW, COLUMNS))


def windows() -> np.ndarray:
    return np.stack([noise(np.random.default_rng(i), WINDOW, COLUMNS) for i in range(5)])


def check(network: nn.Module, source: schema.Model, probabilities: bool = False) -> None:
    with torch.no_grad():
        output = network(torch.from_numpy(windows().transpose(0, 2, 1).copy())).double()
    wanted = output if probabilities else torch.softmax(output, 1)
    found = scores_of(libhar.Model(flat.encode(source)), windows())
    np.testing.assert_allclose(found, wanted.reshape(found.shape), rtol=0, atol=1e-5)


@EXPORTERS
@pytest.mark.parametrize("name", list(networks()))
def test_scores_are_pytorchs(name: str, dynamo: bool, tmp_path: Path) -> None:
    network = networks()[name]
    quiet_export(network, tmp_path / "net.onnx", dynamo)
    check(network, imported(tmp_path / "net.onnx"))


@pytest.mark.parametrize("rows", [5, 7, 16, 36])
def test_adaptive_pools_of_any_length(rows: int, tmp_path: Path) -> None:
    """Lengths that do not divide 24: with rows of unequal reach, of equal reach, and more rows."""
    network = Network(
        lambda x, a, b: b(functional.adaptive_avg_pool1d(a(x), rows).flatten(1)),
        conv(4),
        nn.Linear(4 * rows, 5),
    )
    quiet_export(network, tmp_path / "net.onnx", True)
    source = imported(tmp_path / "net.onnx")
    assert source.graph is not None
    kinds = [type(op.params).__name__ for op in source.graph.ops]
    assert kinds == ["Conv1d", "AdaptivePool", "Flatten", "Dense"]
    check(network, source)


def test_what_is_nearly_an_adaptive_pool_is_refused(tmp_path: Path) -> None:
    network = Network(
        lambda x, a: a(functional.adaptive_avg_pool1d(x, 5).flatten(1)), nn.Linear(15, 5)
    )
    quiet_export(network, tmp_path / "net.onnx", True)
    model = onnx.load(tmp_path / "net.onnx")
    divisors = next(n.input[1] for n in model.graph.node if n.op_type == "Div")
    for initializer in model.graph.initializer:
        if initializer.name == divisors:
            values = onnx.numpy_helper.to_array(initializer) * np.float32(1.001)
            initializer.CopyFrom(onnx.numpy_helper.from_array(values, divisors))
    onnx.save(model, tmp_path / "net.onnx")
    with pytest.raises(UnsupportedOp, match="op Where"):
        imported(tmp_path / "net.onnx")


def softmax_networks() -> dict[str, Network]:
    torch.manual_seed(8)
    return {
        "plain": Network(lambda x, a: torch.softmax(a(x.mean(2)), -1), nn.Linear(3, 5)),
        "squeezed": Network(
            lambda x, a: torch.softmax(a(x.mean(2)[:, None]), -1).squeeze(1), nn.Linear(3, 5)
        ),
        "of channels": Network(
            lambda x, a: torch.softmax(a(x).mean(2, keepdim=True), 1).flatten(1), conv(5)
        ),
    }


@EXPORTERS
@pytest.mark.parametrize("name", list(softmax_networks()))
def test_a_softmax_at_the_end_is_the_decisions(name: str, dynamo: bool, tmp_path: Path) -> None:
    """The graph puts out logits, the golden vectors hold logits, and all agree."""
    network = softmax_networks()[name]
    quiet_export(network, tmp_path / "net.onnx", dynamo)
    lines = ['name = "softmax"', 'labels = ["a", "b", "c", "d", "e"]', "[signal]", "rate_hz = 50"]
    channels = ", ".join(f'{{ name = "s{i}" }}' for i in range(COLUMNS))
    lines += [f"window = {WINDOW}", "hop = 8", f"channels = [{channels}]"]
    (tmp_path / "spec.toml").write_text("\n".join(lines))
    np.savez(tmp_path / "golden.npz", one=windows()[0])
    source = convert(tmp_path / "spec.toml", tmp_path / "net.onnx", tmp_path / "golden.npz")
    check(network, source, probabilities=True)
    assert source.graph is not None
    assert not any(isinstance(op.params, schema.Softmax) for op in source.graph.ops)
    assert libhar.Model(flat.encode(source)).selftest().passed


def onnx_file(path: Path, nodes: list[onnx.NodeProto], opset: int = 17) -> None:
    """Nodes from "x" [1, COLUMNS, WINDOW] to "y" of [1, COLUMNS, 1] or [1, COLUMNS]."""
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, COLUMNS, WINDOW])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.example", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)


@pytest.mark.parametrize(("opset", "axis"), [(17, -1), (17, 1), (12, 1), (12, 2)])
def test_softmax_over_any_axes(opset: int, axis: int, tmp_path: Path) -> None:
    """Before opset 13 it takes all axes from `axis` on together."""
    softmax = helper.make_node("Softmax", ["x"], ["s"], axis=axis)
    mean = helper.make_node("GlobalAveragePool", ["s"], ["y"])
    onnx_file(tmp_path / "net.onnx", [softmax, mean], opset)
    source = imported(tmp_path / "net.onnx")
    wanted = onnx_runner(tmp_path / "net.onnx")(windows())
    assert source.graph is not None
    found = Reference(source.graph, source.buffers).run(windows())
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (helper.make_node("LSTM", ["x", "x", "x"], ["y"], hidden_size=2), "keep time on its own"),
        (helper.make_node("Relu", ["x"], ["y"], domain="com.example"), "the ops of ONNX alone"),
        (helper.make_node("LayerNormalization", ["x", "x"], ["y"]), "export it as a weight"),
        (helper.make_node("Elu", ["x"], ["y"]), "one of the activations of docs/convert.md"),
        (helper.make_node("InstanceNormalization", ["x"], ["y"]), "batch or layer normalisation"),
        (helper.make_node("TopK", ["x"], ["y"]), "end the network with its logits"),
    ],
)
def test_the_advice_fits_the_op(node: onnx.NodeProto, message: str, tmp_path: Path) -> None:
    onnx_file(tmp_path / "net.onnx", [node])
    with pytest.raises(UnsupportedOp, match=message):
        imported(tmp_path / "net.onnx")


def test_channels_come_first_where_window_and_columns_are_equal(tmp_path: Path) -> None:
    torch.manual_seed(9)
    network = Network(lambda x, a: a(x).mean(2), nn.Conv1d(8, 5, 3)).eval()
    export(network, tmp_path / "net.onnx", False, (1, 8, 8))
    source = with_network(*import_onnx(tmp_path / "net.onnx", 8, 8))
    samples = np.stack([noise(np.random.default_rng(i), 8, 8) for i in range(3)])
    with torch.no_grad():
        logits = network(torch.from_numpy(samples.transpose(0, 2, 1).copy()))
    found = scores_of(libhar.Model(flat.encode(source)), samples)
    np.testing.assert_allclose(found, torch.softmax(logits, 1), rtol=0, atol=1e-5)
