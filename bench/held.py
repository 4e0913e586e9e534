"""Holds a peer to AVX2: a copy of its library that is told of no later instructions.

Runtimes choose kernels by the CPUID instruction. In the copy each one is a breakpoint, which
held.c answers. The kernel of the system can do this for a whole process (arch_prctl ARCH_SET_CPUID)
only on processors with CPUID faulting, and not in every virtual machine.
"""

from __future__ import annotations

import ctypes
import os
import platform
import re
import struct
import subprocess
from pathlib import Path

from bench.contender import Absent

CPUID, BREAKPOINT = b"\x0f\xa2", b"\xcc\x90"  # cpuid; int3, nop
ANSWERS = "libbench_held.so"
PROGRAM_HEADERS, PT_LOAD = struct.Struct("<32xQ14xHH"), 1
SEGMENT = struct.Struct("<I4xQQ8xQ16x")
"""ELF-64: where the table of segments is, its entries' size and number; type, offset, address and
size in the file of a segment."""


def hold(library: Path, folder: Path) -> Path:
    """Writes the copy and, beside it, the library that answers. Raises Absent elsewhere than on
    x86-64, and where the library has no CPUID."""
    if platform.machine() != "x86_64":
        raise Absent("AVX2 is of x86-64")
    content = bytearray(library.read_bytes())
    places = _places(library, bytes(content))
    if not places:
        raise Absent(f"{library.name} has no CPUID instruction")
    for place in places:
        content[place : place + len(CPUID)] = BREAKPOINT
    copy = folder / f"held_{library.name}"
    copy.write_bytes(content)
    source = Path(__file__).with_name("held.c")
    command = ["cc", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", str(source)]
    subprocess.run([*command, "-o", str(folder / ANSWERS)], check=True)
    return copy


def load_library(path: Path) -> ctypes.CDLL:
    """Loads a library; before a held one, what answers it. A held one uses its own functions
    before those of the library that it is a copy of."""
    if not path.name.startswith("held_"):
        return ctypes.CDLL(str(path))
    ctypes.CDLL(str(path.with_name(ANSWERS)))
    return ctypes.CDLL(str(path), mode=os.RTLD_NOW | os.RTLD_DEEPBIND)


def _places(library: Path, content: bytes) -> list[int]:
    """Offsets in the file of its CPUID instructions, as the disassembler sees them."""
    command = ["objdump", "-d", "--no-show-raw-insn", str(library)]
    environment = {**os.environ, "LC_ALL": "C"}
    found = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    addresses = re.findall(r"^\s*([0-9a-f]+):\s+cpuid\s*$", found.stdout, re.MULTILINE)
    table, size, count = PROGRAM_HEADERS.unpack_from(content)
    segments = [SEGMENT.unpack_from(content, table + i * size) for i in range(count)]
    places = [
        offset + int(address, 16) - start
        for address in addresses
        for kind, offset, start, length in segments
        if kind == PT_LOAD and start <= int(address, 16) < start + length
    ]
    assert all(content[p : p + len(CPUID)] == CPUID for p in places)
    return places
