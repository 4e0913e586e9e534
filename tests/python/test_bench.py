"""The bench without any peer: its clock, its choice of the best, its tables."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench import agree, held, report, run
from bench.contender import Absent, NativeCall, PythonCall
from bench.fresh import opening
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
    call = PythonCall(lambda: libc.usleep(60000), lambda: libc.usleep(40000))
    assert 1e7 <= np.median(timer.times(call, 5, cold=False)) < 5.5e7


def test_of_cold_calls_a_cold_binding_is_subtracted(timer: Timer) -> None:
    libc = ctypes.CDLL(None)
    touched = [0]

    def trivial() -> None:
        """Takes 40 ms where memory was touched since the last call."""
        is_cold = timer._memory[0] != touched[0]
        touched[0] = timer._memory[0]
        libc.usleep(40000 if is_cold else 1)

    call = PythonCall(lambda: libc.usleep(60000), trivial)
    assert 1e7 <= np.median(timer.times(call, 5, cold=True)) < 5.5e7
    assert np.median(timer.times(call, 5, cold=False)) >= 5.5e7


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


def test_what_the_binding_took_is_kept_with_the_times(timer: Timer) -> None:
    libc = ctypes.CDLL(None)
    sleeper = _Sleeper(500)
    assert rounds(timer, {"native": sleeper}, 1, 0.01)["native"][0].binding == 0
    sleeper.call = PythonCall(lambda: None, lambda: libc.usleep(1000))
    for times in rounds(timer, {"python": sleeper}, 1, 0.0)["python"]:
        assert times.binding >= 1000 and times.median < 1
        assert not times.is_sure


def _row(name: str, warm: float, cold: float, binding: float = 0.0) -> run.Row:
    return run.Row(name, Times(warm, warm, 9, binding), Times(cold, cold, 9, binding))


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


def test_a_peer_timed_from_python_is_best_only_where_the_binding_is_little_of_it() -> None:
    table = _table()
    table.rows.append(_row("p", 20, 50, binding=9))
    assert (table.ratio(cold=False), table.ratio(cold=True)) == (2.5, 50 / 40)
    assert "| p, from Python (warm too short to rank) | 2.00 |" in report.network_table(table)
    assert "| b; not ranked: p, from Python (warm too short to rank) |" in report.ratio_table(
        [table]
    )
    table.rows[-1] = _row("p", 20, 50, binding=4)
    assert table.ratio(cold=False) == 2.0
    assert "| p, from Python | 2.00 |" in report.network_table(table)
    assert "| p, from Python | libhar avx512 |" in report.ratio_table([table])


def test_on_avx2_alone_only_those_held_to_it_count() -> None:
    table = _table()
    assert table.ratio(cold=False, limit="avx2") is None
    assert report.avx2_table([table]) == ""
    table.rows[0].limit = "avx2"
    table.rows.append(_row("a held", 50, 60))
    table.rows[-1].limit = "avx2"
    assert table.ratio(cold=False, limit="avx2") == 50 / 20
    assert table.ratio(cold=True, limit="avx2") == 60 / 40
    assert table.ratio(cold=False) == 2.5
    assert "| a held: 50.0 / 60.0 | 20.0 / 40.0 |" in report.avx2_table([table])


def test_costs_are_of_the_fastest_contender_of_each_runtime() -> None:
    table = _table()
    table.rows[1].file_bytes, table.rows[1].load_ms, table.rows[1].memory_bytes = 2000, 0.5, 30000
    table.rows[1].model_bytes, table.rows[1].stream_bytes = 1500, 700
    table.rows += [_row("b (x)", 24, 1), _row("b held to AVX2", 1, 1)]
    table.rows[-2].stack_bytes, table.rows[-1].limit = 4000, "avx2"
    lines = report.cost_table([table]).splitlines()
    assert lines[0] == "| network | precision | libhar | a | b | c | libhar's model + stream |"
    assert "| 2.0 / 0.5 / 30 / - | 0.0 / 0.0 / 0.0 / - | 0.0 / 0.0 / 0.0 / 4.0 | - |" in lines[2]
    assert lines[2].endswith("| 1.5 + 0.7 |")


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


@pytest.mark.parametrize("name", ["cnn_pools", "resnet_128x9"])
def test_a_stream_that_keeps_rows_gives_the_same_scores(
    name: str, tmp_path: Path, timer: Timer
) -> None:
    """The first window, and the one after another 16 samples, as from windows given whole."""
    from bench import ours

    network = make_network(name, tmp_path)
    overlapping = [c for c in ours.contenders() if c.hop == ours.HOP]
    assert overlapping and all("every 16 samples" in c.name for c in overlapping)
    runner = overlapping[0].load(network, "fp32", tmp_path)
    wanted = agree.probabilities(network, network.samples[:8])
    found = agree.outputs(timer, overlapping[0], runner, network.samples[:8])
    assert agree.problem(found, wanted, "fp32") is None
    runner.set_input(network.samples[0])
    runner.call.once()
    runner.call.once()
    newest = network.samples[0][-ours.HOP :]
    window = np.concatenate([network.samples[0][ours.HOP :], newest])[None]
    wanted = agree.probabilities(network, window)
    assert agree.problem(runner.output()[None], wanted, "fp32") is None


def test_a_hop_beyond_the_window_is_absent(tmp_path: Path) -> None:
    from bench import ours

    network = make_network("resnet_15x113", tmp_path)
    contender = next(c for c in ours.contenders() if c.hop)
    with pytest.raises(Absent, match="15 samples"):
        contender.load(network, "fp32", tmp_path)


def test_windows_that_overlap_are_ranked_apart() -> None:
    table = _table()
    whole = table.ratio(cold=False)
    table.rows.append(_row("libhar x, every 16 samples", 5, 10))
    table.rows[-1].hop = 16
    assert table.ratio(cold=False) == whole
    assert table.ratio(cold=False, hop=16) == 25 / 5
    assert table.ratio(cold=True, hop=16) == 60 / 10
    line = "| FP32 | **2.00** / **4.00** | **5.00** / **6.00** | 5.0 / 10.0 |"
    assert line in report.overlap_table([table])


def test_a_fresh_process_opens_a_network(tmp_path: Path) -> None:
    from bench import ours

    network = make_network("mlp", tmp_path)
    contender = ours.contenders()[0]
    file = contender.make(network, "fp32", tmp_path)[0]
    found = opening(contender, file, network.rows, network.columns)
    assert 0 < found.load_ms < 60e3
    assert file.stat().st_size < found.memory_bytes < 40 * file.stat().st_size
    with pytest.raises(RuntimeError, match=r"absent\.har"):
        opening(contender, tmp_path / "absent.har", network.rows, network.columns)


FEATURES = """#include <cpuid.h>
unsigned cpuid_bit(unsigned leaf, unsigned part, unsigned place, unsigned bit)
{
    unsigned x[4];
    __cpuid_count(leaf, part, x[0], x[1], x[2], x[3]);
    return x[place] >> bit & 1;
}
int nothing(void) { return 7; }
"""
KEPT = {"fma": (1, 0, 2, 12), "avx": (1, 0, 2, 28), "avx2": (7, 0, 1, 5), "bmi2": (7, 0, 1, 8)}
TAKEN = {
    "avx512f": (7, 0, 1, 16),
    "avx512vl": (7, 0, 1, 31),
    "gfni": (7, 0, 2, 8),
    "avx512vnni": (7, 0, 2, 11),
    "avxvnni": (7, 1, 0, 4),
}


def _compiled(folder: Path, name: str, source: str) -> Path:
    path = folder / f"{name}.c"
    path.write_text(source)
    library = folder / f"lib{name}.so"
    subprocess.run(["cc", "-shared", "-fPIC", str(path), "-o", str(library)], check=True)
    return library


@pytest.mark.skipif(platform.machine() != "x86_64", reason="CPUID is of x86")
def test_a_held_library_is_told_of_nothing_after_avx2(tmp_path: Path) -> None:
    library = _compiled(tmp_path, "features", FEATURES)
    free = ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
    bound = held.load_library(held.hold(library, tmp_path))
    for bit in KEPT.values():
        assert bound.cpuid_bit(*bit) == free.cpuid_bit(*bit)
    for bit in TAKEN.values():
        assert bound.cpuid_bit(*bit) == 0
    assert bound.nothing() == 7


@pytest.mark.skipif(platform.machine() != "x86_64", reason="CPUID is of x86")
def test_a_library_that_cannot_be_held_is_absent(tmp_path: Path) -> None:
    library = _compiled(tmp_path, "plain", "int nothing(void) { return 7; }\n")
    with pytest.raises(Absent, match=r"libplain\.so has no CPUID"):
        held.hold(library, tmp_path)


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(ValueError, match="'vgg' is no network; there are cnn_pools"):
        run.names_of("vgg")
