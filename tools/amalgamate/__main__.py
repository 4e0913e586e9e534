"""python -m tools.amalgamate FOLDER"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.amalgamate.flatten import Single
from tools.amalgamate.sources import (
    ROOT,
    SETS,
    InstructionSet,
    kernels,
    library,
    public_headers,
)

LICENCE = """Copyright 2026 the libhar authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Made by script/amalgamate; do not edit."""

HEADER = f"""/* libhar: what a person is doing, from motion sensors. The whole public API.
 *
 * {LICENCE} */
"""

LIBRARY = f"""/* libhar in one file.
 *
 * {LICENCE}
 *
 *     cc -O2 app.c har.c -lm
 *
 * That has the portable kernels. Faster ones lie beside it, one file for each instruction set, with
 * the flags that it needs in its first lines; what the processor has is found out at run time:
 *
 *     x86-64  har.c with -DHARK_X86, and har_avx2.c, har_avxvnni.c, har_avx512.c, har_avx512vnni.c
 *     Arm     har.c with -DHARK_NEON, and har_neon.c; with -DHARK_NEONDOT, too, har_neondot.c
 *     WASM    har.c with -DHARK_WASM, and har_wasm.c
 */
"""

# Products and sums are rounded one by one (docs/design/numbers.md).
ROUNDING = """
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#pragma clang diagnostic ignored "-Wunused-function" /* not every file uses all of its headers */
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif
"""

# Must stand before the first header of the system.
SYSTEM = """
#if defined(__linux__) && !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE /* madvise is not C11 */
#endif
"""


def set_head(isa: InstructionSet) -> str:
    """The first lines of an instruction set's file."""
    flags = isa.flags or "no flags on 64-bit Arm, -mfpu=neon on 32-bit Arm"
    return f"""/* libhar: kernels of {isa.name}, for har.c with -D{isa.macro}.
 *
 * {LICENCE}
 *
 * Flags: {flags}
 */
"""


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    api = Single()
    api.add_headers([ROOT / "include/har/har.h"])
    guarded = f"\n#ifndef HAR_ONE_H\n#define HAR_ONE_H\n{api.text()}\n#endif\n"
    _write(folder / "har.h", HEADER + guarded)

    whole = Single(set(public_headers()))
    whole.add(library())
    _write(folder / "har.c", f'{LIBRARY}{SYSTEM}{ROUNDING}\n#include "har.h"\n\n{whole.text()}')
    for isa in SETS:
        single = Single(set(public_headers()))
        single.add(kernels(isa), pasted=True)
        text = f'{set_head(isa)}{ROUNDING}\n#include "har.h"\n\n{single.text()}'
        _write(folder / f"har_{isa.name}.c", text)
    return 0


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    print(f"{path.name}: {text.count(chr(10))} lines, {len(text)} bytes")


if __name__ == "__main__":
    sys.exit(main())
