"""python -m bench: libhar beside its peers. Call it through ./script/bench."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import ours, peers
from bench.contender import Contender, Precision
from bench.networks import make_network
from bench.report import About, write_json, write_page, write_picture
from bench.run import names_of, pin, run_network, runtime_of
from bench.timer import Timer

PRECISIONS: tuple[Precision, ...] = ("fp32", "int8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./script/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--only", metavar="NETWORK", help="one network alone")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="default: docs")
    parser.add_argument("--har", type=Path, required=True, help="the program har")
    return parser.parse_args()


def _har_bench(program: Path, folder: Path) -> dict[str, dict[str, Any]]:
    network = make_network("cnn_pools", folder)
    found: dict[str, dict[str, Any]] = {}
    for precision in PRECISIONS:
        path = ours.har_file(network, precision, folder)
        command = [str(program), "bench", str(path), "--json"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found[precision] = json.loads(done.stdout)
    return found


def _stripped_bytes(library: Path, folder: Path) -> int:
    target = folder / "stripped.so"
    subprocess.run(["strip", "-o", str(target), str(library)], check=True)
    return target.stat().st_size


def _about(contenders: list[Contender], absent: dict[str, str], har: Path, folder: Path) -> About:
    sizes = {}
    for contender in contenders:
        name = runtime_of(contender.name)
        if contender.libraries and name not in sizes:
            sizes[name] = sum(_stripped_bytes(p, folder) for p in contender.libraries)
    return About(
        About.machine_in_words(),
        {runtime_of(c.name): c.version for c in contenders},
        absent,
        _har_bench(har, folder),
        sizes,
    )


def main() -> int:
    options = _options()
    try:
        names = names_of(options.only)
    except ValueError as error:
        print(f"script/bench: {error}", file=sys.stderr)
        return 2
    print(f"pinned to core {pin()}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        others, absent = peers.contenders(folder)
        contenders = [*ours.contenders(), *others]
        timer = Timer(folder)
        tables = []
        for name in names:
            for precision in PRECISIONS:
                table = run_network(name, precision, contenders, timer, folder, options.quick)
                tables.append(table)
                for row in table.rows:
                    seen = f"{row.warm.median:9.1f} us" if row.warm else row.reason[:90]
                    print(f"  {name:14} {precision}  {row.contender:22} {seen}", flush=True)
        about = _about(contenders, absent, options.har, folder)
        pictures = options.out / "benchmarks"
        pictures.mkdir(parents=True, exist_ok=True)
        write_json(pictures / "benchmarks.json", about, tables)
        write_picture(pictures / "ratios.png", tables)
        write_page(options.out / "benchmarks.md", about, tables, "benchmarks/ratios.png")
    print(f"written: {options.out / 'benchmarks.md'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
