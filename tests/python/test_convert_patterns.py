"""Attention, norms, gates and activations as PyTorch's exporters write them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from libhar.convert import UnsupportedOp
from libhar.convert.onnx_graph import import_onnx
from test_convert import export
from test_convert_layouts import EXPORTERS, Network
from test_convert_recurrent import COLUMNS, WINDOW, check, kinds
from torch import Tensor, nn
from torch.nn import functional

WIDTH = 8


def attend_by_hand(x: Tensor, q: nn.Module, k: nn.Module, v: nn.Module) -> Tensor:
    weights = torch.softmax(q(x) @ k(x).transpose(1, 2) / 3.0, -1)
    return weights @ v(x)


def attend_in_heads(x: Tensor, qkv: nn.Module) -> Tensor:
    parts = qkv(x).reshape(1, WINDOW, 3, 2, WIDTH // 2).permute(2, 0, 3, 1, 4)
    y = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2])
    return y.transpose(1, 2).reshape(1, WINDOW, WIDTH)


def by_last_state(x: Tensor, cell: nn.Module) -> Tensor:
    """Luong's attention: the last state asks all of them."""
    h, last = cell(x)
    weights = torch.softmax(torch.bmm(h, last[0][:, :, None])[..., 0], 1)
    return torch.bmm(weights[:, None], h)[:, 0]


def channel_norm(x: Tensor, scale: Tensor, offset: Tensor) -> Tensor:
    """A layer norm written out, over the channels of [N, T, C]."""
    centred = x - x.mean(-1, keepdim=True)
    return centred / torch.sqrt((centred**2).mean(-1, keepdim=True) + 1e-3) * scale + offset


def time_first(run: object, *layers: nn.Module, features: int = WIDTH) -> Network:
    """The function over [N, T, WIDTH], the mean over time where that is left, and a dense layer."""

    def whole(x: Tensor, embed: nn.Module, head: nn.Module, *rest: nn.Module) -> Tensor:
        y = run(embed(x.transpose(1, 2)), *rest)  # type: ignore[operator]
        return head(y.mean(1) if y.ndim == 3 else y)

    return Network(whole, nn.Linear(COLUMNS, WIDTH), nn.Linear(features, 5), *layers).eval()


def table(rows: int, columns: int) -> Tensor:
    """Numbers of both signs, none of them alike."""
    return (torch.arange(rows * columns).reshape(rows, columns) * 0.37 + 0.1).cos() * 2


def linear(outputs: int = WIDTH, bias: bool = True) -> nn.Linear:
    return nn.Linear(WIDTH, outputs, bias=bias)


def networks() -> dict[str, tuple[nn.Module, dict[str, int]]]:
    """Networks, and how often an op occurs in what they become."""
    torch.manual_seed(11)
    embed = [linear(), linear(), linear()]
    multi = nn.MultiheadAttention(WIDTH, 4, batch_first=True)
    encoder = nn.TransformerEncoderLayer(WIDTH, 2, 16, activation="gelu", batch_first=True)
    return {
        "dot products by hand": (time_first(attend_by_hand, *embed), {"Attention": 1}),
        "heads": (time_first(attend_in_heads, linear(3 * WIDTH)), {"Attention": 1, "Dense": 5}),
        "multi-head layer": (
            time_first(lambda x, a: a(x, x, x, need_weights=False)[0], multi),
            {"Attention": 1, "Slice": 0},
        ),
        "encoder": (
            time_first(lambda x, a: a(x), encoder),
            {"Attention": 1, "LayerNorm": 2, "Activation": 1},
        ),
        "additive, summed": (
            time_first(
                lambda x, a, b: (torch.softmax(b(torch.tanh(a(x))), 1) * x).sum(1),
                linear(4),
                nn.Linear(4, 1, bias=False),
            ),
            {"Softmax": 1, "Multiply": 1, "GlobalPool": 1},
        ),
        "additive, by a product": (
            time_first(
                lambda x, a, b: torch.bmm(
                    torch.softmax(b(torch.tanh(a(x))), 1).transpose(1, 2), x
                ).squeeze(1),
                linear(4),
                nn.Linear(4, 1),
            ),
            {"Softmax": 1, "Multiply": 1, "GlobalPool": 1},
        ),
        "by the last state": (
            time_first(by_last_state, nn.GRU(WIDTH, WIDTH, batch_first=True)),
            {"Recurrent": 1},
        ),
        "layer norm written out": (
            time_first(lambda x: channel_norm(x, torch.linspace(1, 2, WIDTH), torch.ones(WIDTH))),
            {"LayerNorm": 1, "Affine": 0},
        ),
        "layer norm": (time_first(lambda x, a: a(x), nn.LayerNorm(WIDTH)), {"LayerNorm": 1}),
        "squeeze and excitation": (
            time_first(
                lambda x, a, b: x * torch.sigmoid(b(torch.relu(a(x.mean(1)))))[:, None],
                linear(2),
                nn.Linear(2, WIDTH),
            ),
            {"Multiply": 1},
        ),
        "a gate over time": (
            time_first(lambda x, a: (x * torch.sigmoid(a(x))).amax(1), linear(1)),
            {"Multiply": 1},
        ),
        "a gated unit": (time_first(lambda x, a: functional.glu(a(x)), linear(16)), {"Dense": 4}),
        "a rolled tensor": (time_first(lambda x: x + x.roll(3, 1)), {"Concat": 1}),
        "steps picked": (time_first(lambda x: x[:, 2:-2:1][:, :, :4], features=4), {"Slice": 2}),
        "positions added": (
            time_first(lambda x: torch.relu(x + torch.linspace(-2, 2, WINDOW)[:, None])),
            {"Add": 1, "Flatten": 0},
        ),
        "positions learned": (
            time_first(lambda x: torch.relu(x + table(WINDOW, WIDTH))),
            {"Add": 1, "Affine": 0, "Slice": 0},
        ),
        "scales learned": (
            time_first(lambda x: x * table(WINDOW, WIDTH)),
            {"Multiply": 1, "Affine": 0, "Slice": 0},
        ),
        "scales and positions": (
            time_first(lambda x: torch.tanh(x * table(WINDOW, 1) + table(WINDOW, WIDTH))),
            {"Multiply": 1, "Add": 1},
        ),
        "taken from positions": (
            time_first(lambda x: table(WINDOW, WIDTH) - x / table(1, WIDTH)),
            {"Multiply": 1, "Add": 1},
        ),
        "channels first, positions learned": (
            time_first(lambda x: (x.transpose(1, 2) + table(WIDTH, WINDOW)).transpose(1, 2)),
            {"Add": 1, "Slice": 0},
        ),
        "one row at every position": (
            time_first(lambda x: torch.relu(x.mean(1, keepdim=True) - table(WINDOW, WIDTH))),
            {"Add": 1, "Concat": 0},
        ),
        "one row repeated": (
            time_first(
                lambda x: x.amax(1, keepdim=True).expand(1, WINDOW, WIDTH) * table(WINDOW, 1)
            ),
            {"Multiply": 1, "Concat": 0},
        ),
        "causal padding": (
            Network(
                lambda x, a, b: b(a(functional.pad(x, (2, 0))).mean(2)),
                nn.Conv1d(COLUMNS, 4, 3),
                nn.Linear(4, 5),
            ),
            {"Conv1d": 1},
        ),
        "2-D over time, weights shared by channels": (
            Network(
                lambda x, a, b, c: c(b(torch.relu(a(x.transpose(1, 2)[:, None]))).flatten(1)),
                nn.Conv2d(1, 4, (5, 1)),
                nn.Conv2d(4, 3, (3, COLUMNS)),
                nn.Linear(3 * (WINDOW - 6), 5),
            ),
            {"Conv1d": 2},
        ),
        "batch norm before the convolution": (
            Network(
                lambda x, a, b, c, d: d((a(x) + c(torch.relu(b(a(x))))).mean(2)),
                nn.Conv1d(COLUMNS, 4, 3, padding=1),
                nn.BatchNorm1d(4),
                nn.Conv1d(4, 4, 3, padding=1),
                nn.Linear(4, 5),
            ),
            {"Affine": 1, "Add": 1},
        ),
    }


@EXPORTERS
@pytest.mark.parametrize("name", list(networks()))
def test_patterns_become_the_ops_of_the_file(name: str, dynamo: bool, tmp_path: Path) -> None:
    network, counts = networks()[name]
    export(network.eval(), tmp_path / "net.onnx", dynamo, (1, COLUMNS, WINDOW))
    found = kinds(check(network, tmp_path / "net.onnx"))
    assert {kind: found.count(kind) for kind in counts} == counts, found


ACTIVATIONS = {
    "gelu": nn.GELU(),
    "gelu_tanh": nn.GELU("tanh"),
    "hard_sigmoid": nn.Hardsigmoid(),
    "hard_swish": nn.Hardswish(),
    "leaky": nn.LeakyReLU(0.3),
    "one slope": nn.PReLU(init=0.1),
    "silu": nn.SiLU(),
    "relu6": nn.ReLU6(),
}


@EXPORTERS
@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_activations_are_one_op(name: str, dynamo: bool, tmp_path: Path) -> None:
    """After a convolution, and behind a constant per channel, which belongs to none of them."""
    torch.manual_seed(12)
    network = Network(
        lambda x, a, b, c: c((b(a(x) * torch.linspace(-2, 2, 6)[:, None])).mean(2)),
        nn.Conv1d(COLUMNS, 6, 3),
        ACTIVATIONS[name],
        nn.Linear(6, 5),
    ).eval()
    export(network, tmp_path / "net.onnx", dynamo, (1, COLUMNS, WINDOW))
    graph = check(network, tmp_path / "net.onnx")
    assert kinds(graph) == ["Conv1d", "Affine", "Activation", "GlobalPool", "Dense"]


REFUSED = {
    "Elu": time_first(lambda x: functional.elu(x)),
    "MatMul": time_first(lambda x: x.transpose(1, 2) @ x, features=WIDTH),
    "Sin": time_first(lambda x: torch.sin(x)),
    "Exp": time_first(lambda x: torch.exp(x)),
}


@pytest.mark.parametrize("op", list(REFUSED))
def test_the_rest_is_refused_by_name(op: str, tmp_path: Path) -> None:
    export(REFUSED[op], tmp_path / "net.onnx", False, (1, COLUMNS, WINDOW))
    with pytest.raises(UnsupportedOp) as caught:
        import_onnx(tmp_path / "net.onnx", WINDOW, COLUMNS)
    assert caught.value.op == op and caught.value.advice
