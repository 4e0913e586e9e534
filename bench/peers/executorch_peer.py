"""ExecuTorch with its XNNPACK backend, one thread, through its Python binding.

Networks with convolutions are exported as images of one line, [1, columns, 1, rows]: XNNPACK then
takes the whole network in one part, where between 1-D layers ExecuTorch copies tensors, and runs
1-D max pools on slow kernels of its own.
"""

from __future__ import annotations

import copy
import importlib.metadata
import warnings
from pathlib import Path
from typing import Any

import executorch
import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
    XNNPACKQuantizer,
    get_symmetric_quantization_config,
)
from executorch.exir import to_edge_transform_and_lower
from torch import Tensor, nn
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

from bench.contender import Contender, Floats, Network, Precision
from bench.peers.executorch_run import ExecutorchRunner, runtime, trivial_file

LIBRARIES = ("", "_backend_xnnpack", "_threadpool", "_kernels_optimized", "_kernels_quantized")
"""What of the wheel the networks need: libexecutorch<these>.so"""


def _image(module: nn.Module) -> nn.Module:
    """The same computation on images of one line."""
    if isinstance(module, nn.Conv1d):
        assert not isinstance(module.padding, str)
        size, around = (1, module.kernel_size[0]), (0, module.padding[0])
        has_bias = module.bias is not None
        made = nn.Conv2d(module.in_channels, module.out_channels, size, 1, around, bias=has_bias)
        weights = {k: v[:, :, None] if v.dim() == 3 else v for k, v in module.state_dict().items()}
        made.load_state_dict(weights)
        return made
    if isinstance(module, nn.BatchNorm1d):
        norm = nn.BatchNorm2d(module.num_features, module.eps)
        norm.load_state_dict(module.state_dict())
        return norm
    if isinstance(module, nn.MaxPool1d):
        assert isinstance(module.kernel_size, int)
        return nn.MaxPool2d((1, module.kernel_size))
    if isinstance(module, nn.AdaptiveAvgPool1d):
        return nn.AdaptiveAvgPool2d(1)
    module = copy.copy(module)
    module._modules = {n: _image(c) for n, c in module._modules.items() if c is not None}
    return module


class _Exported:
    """A network on its way to a file."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._is_image = any(isinstance(m, nn.Conv1d) for m in network.module.modules())
        module = _image(network.module).eval() if self._is_image else network.module
        self._graph = self._export(module)

    def _input(self, sample: Floats) -> Tensor:
        window = torch.from_numpy(sample.T[None].copy())
        return window[:, :, None] if self._is_image else window

    def _export(self, module: nn.Module) -> Any:
        return torch.export.export(module, (self._input(self._network.samples[0]),))

    def quantize(self) -> None:
        config = get_symmetric_quantization_config(is_per_channel=True)
        prepared = prepare_pt2e(self._graph.module(), XNNPACKQuantizer().set_global(config))
        for sample in self._network.samples:
            prepared(self._input(sample))
        self._graph = self._export(convert_pt2e(prepared))

    def save(self, path: Path) -> None:
        _save(self._graph, path)
        _save(self._export(nn.ReLU()), trivial_file(path))


def _save(graph: Any, path: Path) -> None:
    lowered = to_edge_transform_and_lower(graph, partitioner=[XnnpackPartitioner()])
    path.write_bytes(lowered.to_executorch().buffer)


def _make(network: Network, precision: Precision, folder: Path) -> tuple[Path, ...]:
    path = folder / f"{network.name}_{precision}.pte"
    if not path.exists():
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            exported = _Exported(network)
            if precision == "int8":
                exported.quantize()
            exported.save(path)
    return (path,)


def contenders() -> list[Contender]:
    """One."""
    folder = Path(executorch.__path__[0]) / "lib"
    libraries = tuple(folder / f"libexecutorch{name}.so" for name in LIBRARIES)
    version = importlib.metadata.version("executorch")
    return [Contender("ExecuTorch", version, _make, runtime, ExecutorchRunner, libraries=libraries)]
