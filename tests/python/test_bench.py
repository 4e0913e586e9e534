"""The bench without any peer: its clock, its choice of the best, its tables."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench import agree, report, run
from bench.contender import NativeCall, PythonCall
from bench.networks import MAKERS, make_network
from bench.timer import Timer, Times, rounds


@pytest.fixture(scope="module")
def timer(tmp_path_factory: pytest.TempPathFactory) -> Timer:
    return Timer(tmp_path_factory.mktemp("timer"))


def _native(function: object, *arguments: int) -> NativeCall:
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return NativeCall(address, arguments)


def test_native_calls_get_their_arguments_and_are_counted(timer: Timer) -> None:
    seen: list[tuple[int, ...]] = []
    kind = ctypes.CFUNCTYPE(ctypes.c_size_t, *([ctypes.c_size_t] * 8))

    @kind
    def note(*arguments: int) -> int:
        seen.append(arguments)
        return 0

    times = timer.times(_native(note, 1, 2, 3, 4, 5, 6, 7, 8), 5, cold=False)
    assert seen == [(1, 2, 3, 4, 5, 6, 7, 8)] * 5
    assert len(times) == 5 and (times > 0).all()


def test_a_sleep_takes_its_time(timer: Timer) -> None:
    libc = ctypes.CDLL(None)
    times = timer.times(_native(libc.usleep, 2000), 5, cold=False)
    assert 2e6 <= np.median(times) < 1e8


def test_the_binding_is_subtracted(timer: Timer) -> None:
    libc = ctypes.CDLL(None)
    call = PythonCall(lambda: libc.usleep(6000), lambda: libc.usleep(4000))
    assert 1e6 <= np.median(timer.times(call, 9, cold=False)) < 5.5e6


def test_stack_is_counted(timer: Timer) -> None:
    libc = ctypes.CDLL(None)
    assert 0 <= timer.stack_bytes(_native(libc.abs, 1)) < 4096
    assert timer.stack_bytes(_native(libc.system, 0)) > 0


class _Sleeper:
    def __init__(self, microseconds: int) -> None:
        self.call = _native(ctypes.CDLL(None).usleep, microseconds)

    def set_input(self, window: object) -> None: ...

    def output(self) -> np.ndarray:
        return np.zeros(6, np.float32)


def test_rounds_rank_the_slower_one_behind(timer: Timer) -> None:
    found = rounds(timer, {"slow": _Sleeper(4000), "quick": _Sleeper(500)}, 2, 0.01)
    assert found["slow"][0].median > found["quick"][0].median
    assert found["quick"][0].calls >= 40 and found["quick"][1].calls == 24


def _row(name: str, warm: float, cold: float) -> run.Row:
    return run.Row(name, Times(warm, warm, 9), Times(cold, cold, 9))


def _table() -> run.Table:
    rows = [
        _row("libhar avx2", 20, 40),
        _row("libhar avx512", 10, 50),
        _row("a", 30, 60),
        _row("b", 25, 90),
        run.Row("c", reason="disagrees: a | b\nis off"),
    ]
    return run.Table("mlp", "fp32", rows)


def test_ratios_are_best_peer_over_best_of_ours() -> None:
    table = _table()
    assert table.ratio(cold=False) == 2.5
    assert table.ratio(cold=True) == 1.5
    nobody = run.Table("mlp", "fp32", [run.Row("a", reason="absent"), _row("libhar x", 1, 1)])
    assert nobody.ratio(cold=False) is None


def test_the_page_names_every_contender_and_why_one_is_missing(tmp_path: Path) -> None:
    bench = {"cpu": "avx2", "macs_per_second": 1e9, "peak_macs_per_second": 2e9, "open_ns": 1e6}
    bench |= {"poll_ns": 3.0, "model_bytes": 5, "stream_bytes": 6}
    about = report.About("m", {"a": "1"}, {"d": "no wheel"}, {"fp32": bench}, {"libhar": 7})
    report.write_page(tmp_path / "b.md", about, [_table()], "r.png")
    page = (tmp_path / "b.md").read_text()
    for text in (
        "**2.50**",
        "**1.50**",
        "| b |",
        "disagrees: a / b is off",
        "- d: no wheel",
        "50%",
    ):
        assert text in page
    report.write_json(tmp_path / "b.json", about, [_table()])
    assert '"reason": "disagrees' in (tmp_path / "b.json").read_text()


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    report.write_picture(tmp_path / "r.png", [_table()])
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")


def test_wrong_outputs_are_noticed() -> None:
    wanted = np.full((4, 6), 1 / 6, np.float32)
    wanted[:, 2] += 0.1
    assert agree.problem(wanted, wanted, "fp32") is None
    assert "off by" in (agree.problem(wanted + np.float32(2e-4), wanted, "fp32") or "")
    assert "labels" in (agree.problem(np.roll(wanted, 1, axis=1), wanted, "int8") or "")
    assert "finite" in (agree.problem(wanted * np.float32("nan"), wanted, "int8") or "")


@pytest.mark.parametrize("name", [n for n in MAKERS if n not in ("lstm", "gru")])
def test_networks_are_the_same_for_a_seed_and_libhar_computes_them(
    name: str, tmp_path: Path, timer: Timer
) -> None:
    from bench import ours

    network = make_network(name, tmp_path)
    (tmp_path / "again").mkdir()
    again = make_network(name, tmp_path / "again")
    assert (network.samples == again.samples).all()
    windows = network.samples[:8]
    wanted = agree.probabilities(network, windows)
    assert (agree.probabilities(again, windows) == wanted).all()
    contender = ours.contenders()[0]
    runner = contender.load(network, "fp32", tmp_path)
    found = agree.outputs(timer, contender, runner, windows)
    assert agree.problem(found, wanted, "fp32") is None


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(ValueError, match="'vgg' is no network; there are cnn_pools"):
        run.names_of("vgg")
