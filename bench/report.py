"""The tables as JSON, as a page and as a picture."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.ours import HOP
from bench.run import OURS, Row, Table, median_of, runtime_of

TITLES = {
    "cnn_pools": "CNN 64-128-256-512 with pools, 128x9",
    "cnn": "the same without pools",
    "resnet_15x113": "ResNet-like, 15x113",
    "resnet_128x9": "ResNet-like, 128x9",
    "mlp": "student MLP 1152-128-64-6",
    "lstm": "LSTM of 64 units, 128x9",
    "gru": "GRU of 64 units, 128x9",
}


@dataclass(frozen=True)
class About:
    """What a run says of itself."""

    machine: str
    versions: dict[str, str]
    absent: dict[str, str]
    har_bench: dict[str, dict[str, Any]]
    """What `har bench` says of the CNN with pools, by precision."""
    library_bytes: dict[str, int]
    """Of stripped shared libraries."""

    @staticmethod
    def machine_in_words() -> str:
        model = platform.machine()
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
        return f"{model}, {platform.system()}, one core"


def write_json(path: Path, about: About, tables: list[Table]) -> None:
    content = {
        "machine": about.machine,
        "versions": about.versions,
        "absent": about.absent,
        "har_bench": about.har_bench,
        "library_bytes": about.library_bytes,
        "tables": [table.as_json() for table in tables],
    }
    path.write_text(json.dumps(content, indent=1) + "\n")


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"**{value:.2f}**"


def ratio_table(tables: list[Table]) -> str:
    """Best peer over best of libhar, network by network."""
    lines = [
        "| network | precision | warm | cold | best peer | best of libhar |",
        "|---|---|---|---|---|---|",
    ]
    for table in tables:
        peer, mine = table.best(ours=False, cold=False), table.best(ours=True, cold=False)
        unranked = "".join(f"; not ranked: {_named(row)}" for row in table.unranked())
        lines.append(
            f"| {TITLES[table.network]} | {table.precision.upper()} | {_ratio(table.ratio(False))} "
            f"| {_ratio(table.ratio(True))} | {_named(peer) if peer else '-'}{unranked} "
            f"| {mine.contender if mine else '-'} |"
        )
    return "\n".join(lines)


def _row(row: Row, base: Row | None) -> str:
    if not (row.warm and row.cold):
        reason = " ".join(row.reason.replace("|", "/").split())[:120]
        return f"| {row.contender} | - | - | {reason} | |"
    ratio = f"{row.warm.median / base.warm.median:.2f}" if base and base.warm else "-"
    cold = f"{row.cold.median / base.cold.median:.2f}" if base and base.cold else "-"
    return (
        f"| {_named(row)} | {ratio} | {cold} | {row.warm.median:.1f} / "
        f"{row.warm.p99:.1f} | {row.cold.median:.1f} / {row.cold.p99:.1f} |"
    )


def _named(row: Row) -> str:
    if not row.is_from_python:
        return row.contender
    both = {"warm": row.warm, "cold": row.cold}
    short = " and ".join(name for name, times in both.items() if times and not times.is_sure)
    return f"{row.contender}, from Python" + (f" ({short} too short to rank)" if short else "")


def network_table(table: Table) -> str:
    """Every contender on one network, relative to the best of libhar."""
    base = table.best(ours=True, cold=False)
    head = (
        f"### {TITLES[table.network]}, {table.precision.upper()}\n\n"
        "| contender | warm | cold | warm median / p99, us | cold median / p99, us |\n"
        "|---|---|---|---|---|"
    )
    return "\n".join([head, *(_row(row, base) for row in table.rows)])


def avx2_table(tables: list[Table]) -> str:
    """Best peer held to AVX2 over libhar held to it; empty where no peer is."""
    lines = [
        "| network | precision | warm | cold | best peer: warm / cold, us | libhar, us |",
        "|---|---|---|---|---|---|",
    ]
    for table in tables:
        peer, mine = (table.best(ours, False, "avx2") for ours in (False, True))
        if peer and mine:
            lines.append(
                f"| {TITLES[table.network]} | {table.precision.upper()} "
                f"| {_ratio(table.ratio(False, 'avx2'))} | {_ratio(table.ratio(True, 'avx2'))} "
                f"| {peer.contender}: {_medians(peer)} | {_medians(mine)} |"
            )
    return "\n".join(lines) if len(lines) > 2 else ""


def overlap_table(tables: list[Table]) -> str:
    """Windows that overlap: libhar's new windows, and those of the best peer, over libhar's that
    share work."""
    lines = [
        "| network | precision | libhar's own, warm / cold | best peer, warm / cold "
        "| libhar, warm / cold, us |",
        "|---|---|---|---|---|",
    ]
    for table in tables:
        shared = table.best(ours=True, cold=False, hop=HOP)
        if not shared:
            continue
        own, peer = [], []
        for cold in (False, True):
            fresh, again = (table.best(True, cold, hop=hop) for hop in (0, HOP))
            ratio = median_of(fresh, cold) / median_of(again, cold) if fresh and again else None
            own.append(_ratio(ratio))
            peer.append(_ratio(table.ratio(cold, hop=HOP)))
        lines.append(
            f"| {TITLES[table.network]} | {table.precision.upper()} | {' / '.join(own)} "
            f"| {' / '.join(peer)} | {_medians(shared)} |"
        )
    return "\n".join(lines)


def _medians(row: Row) -> str:
    return " / ".join(f"{times.median:.1f}" for times in (row.warm, row.cold) if times)


def cost_table(tables: list[Table]) -> str:
    """Of each runtime's fastest contender on a network: file, load, memory, stack; of libhar also
    what it allocates."""
    runtimes: list[str] = []
    for row in (row for table in tables for row in table.rows if not row.limit):
        if runtime_of(row.contender) not in runtimes:
            runtimes.append(runtime_of(row.contender))
    lines = [
        f"| network | precision | {' | '.join(runtimes)} | libhar's model + stream |",
        "|---" * (len(runtimes) + 3) + "|",
    ]
    for table in tables:
        found = [_fastest(table, name) for name in runtimes]
        cells = [_costs(row) if row else "-" for row in found]
        mine = table.best(ours=True, cold=False)
        own = f"{_kb(mine.model_bytes)} + {_kb(mine.stream_bytes)}" if mine else "-"
        title = f"{TITLES[table.network]} | {table.precision.upper()}"
        lines.append(f"| {title} | {' | '.join(cells)} | {own} |")
    return "\n".join(lines)


def _fastest(table: Table, runtime: str) -> Row | None:
    if runtime == OURS:
        return table.best(ours=True, cold=False)
    rows = [r for r in table.rows if r.warm and not r.limit and runtime_of(r.contender) == runtime]
    return min(rows, key=lambda row: row.warm.median if row.warm else 0.0, default=None)


def _costs(row: Row) -> str:
    stack = _kb(row.stack_bytes) if row.stack_bytes else "-"
    return f"{_kb(row.file_bytes)} / {row.load_ms:.1f} / {_kb(row.memory_bytes)} / {stack}"


def _kb(size: int) -> str:
    return f"{size / 1000:.0f}" if size >= 10000 else f"{size / 1000:.1f}"


METHOD = Path(__file__).with_name("method.md").read_text(encoding="utf-8").strip()


def _peak_lines(about: About) -> list[str]:
    lines = []
    for precision, found in about.har_bench.items():
        peak = found["peak_macs_per_second"]
        share = found["macs_per_second"] / peak if peak else 0.0
        lines.append(
            f"- `har bench`, CNN with pools, {precision.upper()} on {found['cpu']}: "
            f"{share:.0%} of the multiply-accumulates a second that registers alone reach; "
            f"open {found['open_ns'] / 1e6:.2f} ms; a poll with nothing due "
            f"{found['poll_ns']:.0f} ns; model {found['model_bytes']} bytes, "
            f"stream {found['stream_bytes']} bytes"
        )
    return lines


def write_page(path: Path, about: About, tables: list[Table], picture: str) -> None:
    """docs/benchmarks.md."""
    versions = ", ".join(f"{name} {version}" for name, version in about.versions.items())
    libraries = ", ".join(f"{name} {size}" for name, size in about.library_bytes.items())
    absent = [f"- {name}: {reason}" for name, reason in about.absent.items()] or ["- nobody"]
    parts = [
        "# Benchmarks",
        "Written by `./script/bench`; do not edit. Best peer over best of libhar, in one run:",
        ratio_table(tables),
        f"![Ratios of medians]({picture})",
        "## AVX2 alone",
        avx2_table(tables) or "No peer could be held to AVX2.",
        f"## A window every {HOP} samples",
        f"The peers compute every window anew; libhar takes what the {HOP} new samples do not\n"
        "change from the window before, with the same bits as without (docs/design/reuse.md), and\n"
        "its time has the push of the samples in it. Above 1, that is faster than a new window of\n"
        "libhar's, and of the best peer's.",
        overlap_table(tables),
        "## How it is measured",
        METHOD,
        f"Machine: {about.machine}. Versions: {versions}.",
        "Absent:\n" + "\n".join(absent),
        "## libhar by itself",
        "\n".join(_peak_lines(about)),
        "## Size, load, memory, stack",
        f"Shared libraries, stripped, bytes: {libraries}.",
        "Of the fastest contender of each runtime: file, KB / load, ms / memory, KB / stack, KB.",
        cost_table(tables),
        "## Every contender",
        "Columns *warm* and *cold*: its median over that of libhar's fastest.",
        *(network_table(table) for table in tables),
    ]
    path.write_text("\n\n".join(parts) + "\n")


def write_picture(path: Path, tables: list[Table]) -> None:
    """Bars of the warm and cold ratios of every network."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    shown = [t for t in tables if t.ratio(False) is not None]
    figure, axes = pyplot.subplots(figsize=(8, 0.5 + 0.55 * max(len(shown), 1)))
    for i, table in enumerate(reversed(shown)):
        for offset, cold, color in ((0.2, False, "#1f6f8b"), (-0.2, True, "#99c1d6")):
            value = table.ratio(cold) or 0.0
            axes.barh(i + offset, value, height=0.36, color=color)
            axes.text(value + 0.03, i + offset, f"{value:.2f}", va="center", fontsize=8)
    axes.set_yticks(range(len(shown)))
    axes.set_yticklabels([f"{TITLES[t.network]}, {t.precision.upper()}" for t in reversed(shown)])
    axes.axvline(1.0, color="black", linewidth=0.8)
    axes.set_xlabel(f"time of the best peer over {OURS}'s (dark: warm, light: cold caches)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlim(right=axes.get_xlim()[1] * 1.08)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
