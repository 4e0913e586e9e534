"""Which files go into which single file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = (ROOT / "include", ROOT / "lib", ROOT)

# The flags of cmake/sources.cmake, and the processor family whose files belong together.
AVX2 = "-mavx2 -mfma"
AVX512 = f"{AVX2} -mavx512f -mavx512bw -mavx512dq -mavx512vl"


@dataclass(frozen=True)
class InstructionSet:
    """A folder of kernels/, the flags of its file, and the macro that har.c takes it by."""

    name: str
    flags: str
    macro: str


SETS = (
    InstructionSet("avx2", AVX2, "HARK_X86"),
    InstructionSet("avxvnni", f"{AVX2} -mavxvnni", "HARK_X86"),
    InstructionSet("avx512", AVX512, "HARK_X86"),
    InstructionSet("avx512vnni", f"{AVX512} -mavx512vnni", "HARK_X86"),
    InstructionSet("neon", "", "HARK_NEON"),
    InstructionSet("neondot", "-march=armv8.2-a+dotprod", "HARK_NEON -DHARK_NEONDOT"),
    InstructionSet("wasm", "-msimd128", "HARK_WASM"),
)


def library() -> list[Path]:
    """What CMake builds of lib/ and kernels/ without XNNPACK and instruction sets, in its order."""
    text = (ROOT / "cmake/sources.cmake").read_text(encoding="utf-8")
    lists = re.findall(
        r"\((?:APPEND )?HAR_(?:LIB|KERNEL)_SOURCES((?:\s+(?:lib|kernels)/\w+(?:/\w+)*\.c)+)", text
    )
    names = [name for found in lists for name in found.split() if "_absent" not in name]
    xnnpack = (ROOT / "cmake/xnnpack.cmake").read_text(encoding="utf-8")
    names += re.findall(r"lib/\w+/\w+_absent\.c", xnnpack)
    return [ROOT / name for name in names]


def kernels(isa: InstructionSet) -> list[Path]:
    """The files of an instruction set."""
    return sorted((ROOT / "kernels" / isa.name).glob("*.c"))


def public_headers() -> list[Path]:
    """The headers of the API; har/har.h includes them all."""
    return sorted((ROOT / "include/har").glob("*.h"))
