"""libhar in one program with ONNX Runtime and two copies of XNNPACK and cpuinfo."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import onnx
import onnxruntime
import pytest
from command import ROOT, run

LIBRARIES = ("XNNPACK", "cpuinfo", "pthreadpool")


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the library of ONNX Runtime under the name that programs look for."""
    folder = tmp_path_factory.mktemp("runtime")
    (library,) = Path(onnxruntime.__file__).parent.glob("capi/libonnxruntime.so.*")
    said = re.search(r"SONAME.*\[(.*)\]", run("readelf", "-d", library))
    assert said is not None
    (folder / said[1]).symlink_to(library)
    (folder / "libonnxruntime.so").symlink_to(library)
    return folder


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Where the system's XNNPACK, cpuinfo and pthreadpool lie."""
    shown = run("cc", "-print-search-dirs")
    found = re.search(r"^libraries: =(.*)$", shown, re.MULTILINE)
    assert found is not None
    folders = [Path(name) for name in found[1].split(":")]
    paths = {n: f / f"lib{n}.so" for n in LIBRARIES for f in folders if (f / f"lib{n}.so").exists()}
    if set(paths) != set(LIBRARIES):
        pytest.skip("XNNPACK is not installed")
    return paths


@pytest.fixture(scope="module")
def arguments(system: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A network, the second copies, and models in FP32 and INT8."""
    folder = tmp_path_factory.mktemp("together")
    tensors = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [4]) for n in "xy"]
    node = onnx.helper.make_node("Relu", ["x"], ["y"])
    graph = onnx.helper.make_graph([node], "relu", tensors[:1], tensors[1:])
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(
        onnx.helper.make_model(graph, opset_imports=opset, ir_version=9), folder / "relu.onnx"
    )
    copies = [folder / f"second_{name}.so" for name in ("XNNPACK", "cpuinfo")]
    for name, path in zip(("XNNPACK", "cpuinfo"), copies, strict=True):
        shutil.copy(system[name].resolve(), path)
    models = [ROOT / "models" / f"uci_har_cnn{form}.har" for form in ("", "_int8")]
    return [folder / "relu.onnx", *copies, *models]


@pytest.mark.parametrize("form", ["static", "shared", "static, on XNNPACK"])
def test_all_work(
    form: str, package: Path, runtime: Path, arguments: list[Path], tmp_path: Path
) -> None:
    library: list[object] = [package / "libhar.a"]
    environment = {}
    if form == "shared":
        library = [f"-L{package}", "-l:libhar.so", f"-Wl,-rpath,{package}"]
    elif form != "static":
        library = [package.parent / "release/libhar.a"]
        environment = {"HAR_BACKEND": "xnnpack"}
    others = [f"-L{runtime}", f"-Wl,-rpath,{runtime}", "-lonnxruntime", "-Wl,--no-as-needed"]
    others += [f"-l{name}" for name in LIBRARIES]
    how = ["cc", "-std=gnu11", "-O1", "-Wall", "-Wextra", f"-I{ROOT}/include"]
    source, program = ROOT / "tests/package/together.c", tmp_path / "together"
    run(*how, source, *library, *others, "-lm", "-ldl", "-o", program)
    assert "all work" in run(program, *arguments, **environment)


def test_no_symbol_of_theirs_is_ours(package: Path, system: dict[str, Path]) -> None:
    """A program that defines every symbol of XNNPACK, cpuinfo and pthreadpool links with ours."""

    def defined(*words: object) -> set[str]:
        lines = run("nm", "--defined-only", "--format=posix", *words).splitlines()
        return {line.split()[0].split("@")[0] for line in lines if len(line.split()) > 1}

    theirs = set().union(*(defined("-D", path) for path in system.values()))
    assert {"xnn_initialize", "cpuinfo_initialize", "pthreadpool_create"} <= theirs
    ours = defined("-g", package / "libhar.a")
    assert "har_model_open_file" in ours
    assert ours & theirs == set()
    wanted = {
        line.split()[0]
        for line in run("nm", "-u", "--format=posix", package / "libhar.a").splitlines()
        if len(line.split()) > 1
    }
    assert wanted & theirs == set()
