"""Are the checks able to fail? Each mutant is one change, in a copy, that breaks a promise.

    python tests/mutation/run.py [NAME...]     a few minutes; behind ./script/test --all

A mutant is caught where each of its checks fails, once it has been built. The checks must pass on
the copy as it is. The exit status is 1 where a mutant survives.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
BUILD = "build/mutant"
TARGETS = ("har_shared", "har", "checkkern")
OLD_CLIENT = "client_0_1"
"""Built once, with the tree as it is: an old program is not linked anew."""

LAYOUT = [PYTHON, "tests/abi/layout.py", "cc", "lp64"]
SYMBOLS = [PYTHON, "tests/abi/symbols.py", f"{BUILD}/libhar.so"]
CLIENT = [f"./{OLD_CLIENT}", "tests/abi/files/1.0", "tests/abi/0.1/labels.txt"]
CHECKKERN = [f"{BUILD}/checkkern", "--seed", "1", "--rounds", "40"]
SELFTEST = [f"{BUILD}/har", "selftest", "models/uci_har_cnn_int8.har"]
ON_REF = ["env", "HAR_CPU=ref"]


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str
    checks: tuple[list[str], ...]
    """Every one of them must fail."""


MUTANTS = (
    Mutant(
        "a field is inserted into a struct",
        "include/har/stream.h",
        "    uint32_t queue; ",
        "    uint32_t inserted;\n    uint32_t queue; ",
        (LAYOUT, CLIENT),
    ),
    Mutant(
        "a field becomes smaller",
        "include/har/model.h",
        "    uint64_t parameters; ",
        "    uint32_t parameters; ",
        (LAYOUT,),
    ),
    Mutant(
        "a struct grows, and old callers are forgotten",
        "include/har/stream.h",
        "} har_event;",
        "    uint64_t more;\n} har_event;",
        (CLIENT,),
    ),
    Mutant(
        "a number of the interface changes",
        "include/har/status.h",
        "X(HAR_ERR_NO_GOLDEN, -47,",
        "X(HAR_ERR_NO_GOLDEN, -57,",
        (LAYOUT,),
    ),
    Mutant(
        "a function is no longer exported",
        "lib/symbols.map",
        "        har_cpu_name;\n",
        "",
        (SYMBOLS, CLIENT),
    ),
    Mutant(
        "a function is born anew",
        "include/har/cpu.h",
        "NULL for anything else. Since 0.1. */",
        "NULL for anything else. Since 0.2. */",
        (SYMBOLS,),
    ),
    Mutant(
        "an older file is refused",
        "lib/model/file.c",
        "if (major == HAR_FORMAT_MAJOR) return HAR_OK;",
        "if (major == HAR_FORMAT_MAJOR && minor > 0) return HAR_OK;",
        (CLIENT, SELFTEST),
    ),
    Mutant(
        "vector kernels cut off where they should round",
        "kernels/avx2/vec.h",
        "{ return _mm256_cvtps_epi32(a); }",
        "{ return _mm256_cvttps_epi32(a); }",
        (CHECKKERN,),
    ),
    Mutant(
        "a vector kernel rounds once more",
        "kernels/body/tail.h",
        "v_round(v_min(v_max(value, low), high))",
        "v_round(v_mul(v_min(v_max(value, low), high), v_all(1.0000002f)))",
        (CHECKKERN,),
    ),
    Mutant(
        "the reference rounds half up, not to even",
        "kernels/ref/math.h",
        "    return hark_rne(hark_min_f32(clamped, ceiling)) + zero;",
        "    const float bounded = hark_min_f32(clamped, ceiling);\n"
        "    return (int32_t)(bounded + 1000.5f) - 1000 + zero;",
        (CHECKKERN,),
    ),
    Mutant(
        "the reference rounds down",
        "kernels/ref/math.h",
        "    return hark_rne(hark_min_f32(clamped, ceiling)) + zero;",
        "    return (int32_t)(hark_min_f32(clamped, ceiling) + 1000.0f) - 1000 + zero;",
        (CHECKKERN, [*ON_REF, *CLIENT], [*ON_REF, *SELFTEST]),
    ),
)


def passes(command: list[str], tree: Path) -> bool:
    return subprocess.run(command, cwd=tree, capture_output=True, timeout=600).returncode == 0


def build(tree: Path, *targets: str) -> None:
    command = ["cmake", "--build", BUILD, "-j2", "--target", *targets]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"does not build:\n{done.stdout[-2000:]}{done.stderr}")


def copy_tree(tree: Path) -> None:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    options = ["-DCMAKE_BUILD_TYPE=Release", "-DHAR_CHECKKERN=ON", "-DHAR_XNNPACK=OFF"]
    subprocess.run(
        ["cmake", "-S", ".", "-B", BUILD, *options], cwd=tree, check=True, capture_output=True
    )
    build(tree, *TARGETS, "client_0_1_shared")
    shutil.copy(tree / BUILD / "tests/abi/client_0_1_shared", tree / OLD_CLIENT)


def survives(mutant: Mutant, tree: Path) -> list[list[str]]:
    """The checks that did not notice."""
    path = tree / mutant.file
    before = path.read_text(encoding="utf-8")
    if before.count(mutant.old) != 1:
        sys.exit(
            f"{mutant.name}: {mutant.file} has {mutant.old!r} {before.count(mutant.old)} times"
        )
    path.write_text(before.replace(mutant.old, mutant.new), encoding="utf-8")
    build(tree, *TARGETS)
    unnoticed = [check for check in mutant.checks if passes(check, tree)]
    path.write_text(before, encoding="utf-8")
    return unnoticed


def main(names: list[str]) -> int:
    chosen = [m for m in MUTANTS if not names or any(name in m.name for name in names)]
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        copy_tree(tree)
        for check in {tuple(c) for m in chosen for c in m.checks}:
            if not passes(list(check), tree):
                sys.exit(f"fails on the tree as it is: {' '.join(check)}")
        for mutant in chosen:
            unnoticed = survives(mutant, tree)
            survivors += bool(unnoticed)
            said = [os.path.basename(c[1] if c[0] == PYTHON else c[0]) for c in unnoticed]
            print(f"{mutant.name}: " + (f"NOT NOTICED by {said}" if said else "caught"), flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
