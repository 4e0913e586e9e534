"""Which instructions every processor of an architecture would reach.

The library holds kernels of newer instruction sets beside the portable ones, and chooses at run
time. What may not be is such an instruction outside of those kernels. So the code is walked from
the exported functions on: along calls and jumps, and through the tables of functions in the data
that it names. A function that hands out the addresses of many others is the dispatcher: those are
not followed, for they are what is chosen. What is reached must be of the baseline.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field

import capstone

from libhar.doctor.image import Image

# Beyond x86-64's SSE2 up to SSE4.1, which Intel Macs have and Apple's compilers take for granted.
UP_TO_SSE41 = """
    addsubps addsubpd haddps haddpd hsubps hsubpd lddqu movddup movshdup movsldup
    pabsb pabsw pabsd palignr phaddw phaddd phaddsw phsubw phsubd pmaddubsw pmulhrsw
    pshufb psignb psignw psignd blendpd blendps blendvpd blendvps dppd dpps
    extractps insertps mpsadbw packusdw pblendvb pblendw pcmpeqq pextrb pextrd pextrq
    phminposuw pinsrb pinsrd pinsrq pmaxsb pmaxsd pmaxud pmaxuw pminsb pminsd pminud
    pminuw pmovsxbd pmovsxbw pmovsxwd pmovsxdq pmovzxbd pmovzxbw pmovzxwd pmovzxdq
    pmuldq pmulld ptest roundpd roundps roundsd roundss
"""
# Beyond that, and not AVX, whose names begin with v.
BEYOND_SSE41 = """
    pcmpestri pcmpestrm pcmpgtq pcmpistri pcmpistrm crc32 popcnt lzcnt andn bextr blsi
    blsmsk blsr bzhi mulx pdep pext rorx sarx shlx shrx movbe adcx adox aesenc aesdec
    pclmulqdq sha1rnds4 sha256rnds2
"""
NEWER_APPLE = set(BEYOND_SSE41.split())
NEWER = NEWER_APPLE | set(UP_TO_SSE41.split())
OLDER_V = {"verr", "verw"}
# Beyond ARMv8.0, of what kernels use: dot and matrix products of bytes, and SVE.
NEWER_ARM = {
    "sdot",
    "udot",
    "usdot",
    "sudot",
    "smmla",
    "ummla",
    "usmmla",
    "bfdot",
    "bfmmla",
    "fmlal",
}

RIP = re.compile(r"\[rip ([+-]) (0x[0-9a-f]+|\d+)\]")
UNCHANGED = ("str", "stp", "strb", "strh", "cmp", "cbz", "cbnz", "tbz", "tbnz", "prfm")
OFFSET = re.compile(r"#(0x[0-9a-f]+|\d+)$")
NUMBER = re.compile(r"#?(0x[0-9a-f]+)$")
ENDS = {"ret", "jmp", "nop", "int3", "ud2", "b", "br", "udf", "hlt"}
CHOOSES = 12  # addresses of functions that a dispatcher hands out, at least


@dataclass
class Function:
    """What the walk needs of a function."""

    calls: set[int] = field(default_factory=set)
    named: set[int] = field(default_factory=set)  # addresses of code
    data: set[int] = field(default_factory=set)
    loaded: set[int] = field(default_factory=set)  # addresses of pointers to code
    newer: str = ""  # its first instruction beyond the baseline


def newer_instruction(image: Image) -> str:
    """The first instruction of the code beyond the baseline, "" where there is none."""
    for _, _, mnemonic, operands in _decoded(image):
        if _is_newer(image, mnemonic, operands):
            return f"{mnemonic} {operands}"
    return ""


def can_read(machine: str) -> bool:
    """Whether the code of this processor is understood."""
    return machine in ("x86_64", "aarch64")


def reached(image: Image) -> tuple[int, list[str]]:
    """How many functions were reached, and those of them with newer instructions."""
    functions, starts = _functions(image)
    named = {address for f in functions.values() for address in f.data | f.loaded}
    tables = sorted(named | image.objects | set(image.pointers.values()))
    slots = sorted(image.pointers)
    todo = [start for start in starts if start in image.entries]
    seen: set[int] = set()
    bad = []
    while todo:
        address = todo.pop()
        if address in seen:
            continue
        seen.add(address)
        function = functions.get(address)
        if function is None:  # data: the pointers up to what is named next
            end = bisect.bisect_right(tables, address)
            last = tables[end] if end < len(tables) else address + (1 << 16)
            found = slots[bisect.bisect_left(slots, address) : bisect.bisect_left(slots, last)]
            todo += [_start_of(image.pointers[slot], starts, image) for slot in found]
            continue
        if function.newer:
            bad.append(f"{image.starts.get(address, hex(address))}: {function.newer}")
            continue
        todo += [*function.calls, *function.data]
        if len(function.named) < CHOOSES:
            todo += function.named
    return len(seen & functions.keys()), sorted(bad)


def _decoder(machine: str) -> capstone.Cs:
    if machine == "x86_64":
        decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    else:
        decoder = capstone.Cs(capstone.CS_ARCH_ARM64, capstone.CS_MODE_ARM)
    decoder.skipdata = True
    return decoder


def _is_newer(image: Image, mnemonic: str, operands: str) -> bool:
    if image.machine == "x86_64":
        newer = NEWER_APPLE if image.form == "Mach-O" else NEWER
        return mnemonic in newer or (mnemonic[0] == "v" and mnemonic not in OLDER_V)
    return mnemonic in NEWER_ARM or bool(re.match(r"z\d+\.", operands))


def _in_code(address: int, image: Image) -> bool:
    return any(begin <= address < begin + len(data) for begin, data in image.code)


def _start_of(address: int, starts: list[int], image: Image) -> int:
    """The start of the function that an address lies in; an address of data stays what it is."""
    if not _in_code(address, image):
        return address
    return starts[max(bisect.bisect_right(starts, address) - 1, 0)]


def _decoded(image: Image) -> list[tuple[int, int, str, str]]:
    decoder = _decoder(image.machine)
    return [found for begin, data in image.code for found in decoder.disasm_lite(data, begin)]


def _functions(image: Image) -> tuple[dict[int, Function], list[int]]:
    """The functions by their first address, and these in order."""
    code = _decoded(image)
    references = [_reference(image.machine, *line) for line in code]
    pages: dict[str, int] = {}
    if image.machine == "aarch64":
        references = [_arm_page(pages, line, r) for line, r in zip(code, references, strict=True)]
    before = {
        line[0]: code[i - 1][2] if i else "ret" for i, line in enumerate(code)
    }  # the instruction before each
    begins = {begin for begin, _ in image.code} | image.entries | set(image.starts)
    begins |= {a for a in image.pointers.values() if _in_code(a, image)}
    for reference in references:
        if reference is None or not _in_code(reference[1], image):
            continue
        kind, target = reference
        if kind in ("call", "named") or (kind == "jump" and ends(before.get(target, ""))):
            begins.add(target)
    starts = sorted(a for a in begins if _in_code(a, image))
    functions = {start: Function() for start in starts}
    at = 0
    for line, reference in zip(code, references, strict=True):
        while at + 1 < len(starts) and starts[at + 1] <= line[0]:
            at += 1
        function = functions[starts[at]]
        if not function.newer and _is_newer(image, line[2], line[3]):
            function.newer = f"{line[2]} {line[3]}"
        if reference is None:
            continue
        kind, target = reference
        if kind == "loaded" and _in_code(image.pointers.get(target, 0), image):  # by the GOT
            function.named.add(image.pointers[target])
            function.loaded.add(target)
        elif not _in_code(target, image):
            function.data.add(target)
        elif kind == "named":
            function.named.add(target)
        elif (start := _start_of(target, starts, image)) != starts[at]:
            function.calls.add(start)
    return functions, starts


def ends(words: str) -> bool:
    """Whether code does not run on behind an instruction: the next may be another function's."""
    return words.split(" ")[-1] in ENDS or words.startswith("nop")


def _reference(
    machine: str, address: int, size: int, mnemonic: str, operands: str
) -> tuple[str, int] | None:
    """What an instruction refers to: ("call" | "jump" | "named" | "loaded", address)."""
    if machine == "x86_64":
        if found := RIP.search(operands):
            offset = int(found[2], 0) * (1 if found[1] == "+" else -1)
            return "named" if mnemonic == "lea" else "loaded", address + size + offset
        if mnemonic.startswith(("call", "j")) and (found := NUMBER.match(operands)):
            return "call" if mnemonic.startswith("call") else "jump", int(found[1], 0)
        return None
    target = operands.rsplit(" ", 1)[-1]
    if mnemonic in ("bl", "b", "cbz", "cbnz", "tbz", "tbnz") or mnemonic.startswith("b."):
        if found := NUMBER.match(target):
            return "call" if mnemonic == "bl" else "jump", int(found[1], 0)
    elif mnemonic == "adr" and (found := NUMBER.match(target)):
        return "named", int(found[1], 0)
    return None


def _arm_page(
    pages: dict[str, int], line: tuple[int, int, str, str], reference: tuple[str, int] | None
) -> tuple[str, int] | None:
    """Pairs adrp with what is added to its page: `pages` is what each register holds."""
    mnemonic, words = line[2], line[3].replace("[", "").replace("]", "").split(", ")
    if mnemonic == "adrp" and (found := NUMBER.match(words[1])):
        pages[words[0]] = int(found[1], 0)
        return reference
    base = pages.get(words[1]) if len(words) > 1 else None
    if mnemonic not in UNCHANGED:
        pages.pop(words[0], None)
    if mnemonic == "bl":
        pages.clear()
    if base is None or len(words) != 3 or mnemonic not in ("add", "ldr", "ldp"):
        return reference
    if not (found := OFFSET.match(words[2])):
        return reference
    if mnemonic == "add":
        pages[words[0]] = base + int(found[1], 0)
    return "named" if mnemonic == "add" else "loaded", base + int(found[1], 0)
