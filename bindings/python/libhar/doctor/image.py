"""What a linked library or an object says of itself, alike for ELF, Mach-O and PE; read by LIEF."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import lief

MAGIC = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
MACHINES = {
    "X86_64": "x86_64",
    "AMD64": "x86_64",
    "I386": "x86",
    "X86": "x86",
    "AARCH64": "aarch64",
    "ARM64": "aarch64",
    "ARM": "arm",
}
# Of the second word of a Mach-O file, by Apple's mach/machine.h.
MACHO_MACHINES = {
    0x0100_0007: "x86_64",
    0x0000_0007: "x86",
    0x0100_000C: "aarch64",
    0x0200_000C: "arm64_32",
    0x0000_000C: "arm",
}
# Bits of the headers, by Microsoft's "PE Format" and Apple's mach-o/loader.h and nlist.h.
PE_IS_LIBRARY, PE_NO_EXECUTION = 0x2000, 0x0100
MACHO_STACK_EXECUTION, MACHO_EXTERNAL, MACHO_TYPE = 0x20000, 0x01, 0x0E
lief.logging.disable()  # what is wrong is said by the checks


@dataclass
class Image:
    """One library, program or object of one processor."""

    kind: str  # "shared", "program", "object"
    form: str  # "ELF", "Mach-O", "PE"
    machine: str
    exports: set[str] = field(default_factory=set)  # seen from outside
    defined: set[str] = field(default_factory=set)  # global, hidden ones too
    wanted: set[str] = field(default_factory=set)  # of other libraries
    libraries: list[str] = field(default_factory=list)
    thread_local: list[str] = field(default_factory=list)
    executable_stack: str = ""  # why, "" where it is not
    alignment: int | None = None  # of the segments that are loaded
    is_android: bool = False
    code: list[tuple[int, bytes]] = field(default_factory=list)
    starts: dict[int, str] = field(default_factory=dict)  # functions that have a name
    objects: set[int] = field(default_factory=set)  # addresses of data that has a name
    entries: set[int] = field(default_factory=set)  # addresses of the exported functions
    pointers: dict[int, int] = field(default_factory=dict)  # in data, to what the loader puts there


def is_binary(data: bytes) -> bool:
    """Whether the bytes are of one of the three forms."""
    return data.startswith(MAGIC)


def image_of(data: bytes) -> Image:
    """The image in a file of one processor. Raises ValueError where it is damaged."""
    if data.startswith(b"\x7fELF"):
        return _elf(_parsed(lief.ELF.parse(data)))
    if data.startswith(b"MZ"):
        return _pe(_parsed(lief.PE.parse(data)))
    owner = _parsed(lief.MachO.parse(data))  # of what it holds
    return _macho(_parsed(owner.at(0)), int.from_bytes(data[4:8], "little"))


def _parsed(found: Any) -> Any:
    if found is None:
        raise ValueError("it cannot be read: damaged, or of a form that LIEF does not know")
    return found


def _name(value: object) -> str:
    return str(value).rsplit(".", 1)[-1]


ABSOLUTE = 0xFFF1
"""SHN_ABS: a value that stands in no section."""


def _elf(elf: Any) -> Image:
    segments = [s for s in elf.segments if _name(s.type) == "LOAD"]
    is_object = _name(elf.header.file_type) == "REL"
    if not segments and not is_object:
        raise ValueError("it is damaged: nothing in it would be loaded")
    kind = "object" if is_object else "program" if elf.has_interpreter else "shared"
    image = Image(kind, "ELF", MACHINES.get(_name(elf.header.machine_type), "other"))
    symbols = list(elf.symtab_symbols) if is_object else list(elf.dynamic_symbols)
    for symbol in symbols:
        if not symbol.name or _name(symbol.binding) == "LOCAL":
            continue
        if symbol.shndx == 0:
            image.wanted.add(symbol.name)
            continue
        if symbol.shndx == ABSOLUTE and not symbol.size:  # the name of a version of symbols
            continue
        image.defined.add(symbol.name)
        if _name(symbol.visibility) in ("DEFAULT", "PROTECTED"):
            image.exports.add(symbol.name)
        if _name(symbol.type) == "FUNC":
            image.entries.add(symbol.value)
    image.libraries = list(elf.libraries)
    every = [*symbols, *elf.symtab_symbols]
    image.thread_local = sorted({s.name for s in every if _name(s.type) == "TLS" and s.name})
    image.thread_local += [s.name for s in elf.sections if "TLS" in str(s.flags_list) and s.size]
    image.executable_stack = _elf_stack(elf, is_object)
    image.alignment = min((s.alignment for s in segments), default=None)
    image.is_android = any(s.name == ".note.android.ident" for s in elf.sections)
    image.code = [
        (s.virtual_address, bytes(s.content))
        for s in elf.sections
        if "EXECINSTR" in str(s.flags_list)
    ]
    image.starts = {s.value: s.name for s in every if _name(s.type) == "FUNC" and s.shndx}
    image.objects = {s.value for s in every if _name(s.type) == "OBJECT"}
    for relocation in elf.dynamic_relocations:
        symbol = relocation.symbol.value if relocation.has_symbol else 0
        image.pointers[relocation.address] = symbol + relocation.addend
    return image


def _elf_stack(elf: Any, is_object: bool) -> str:
    if is_object:
        marks = [s for s in elf.sections if s.name == ".note.GNU-stack"]
        if not marks:
            return "" if _name(elf.header.machine_type) == "AARCH64" else "no .note.GNU-stack"
        return ".note.GNU-stack says so" if "EXECINSTR" in str(marks[0].flags_list) else ""
    marks = [s for s in elf.segments if _name(s.type) == "GNU_STACK"]
    if not marks:
        return "no PT_GNU_STACK"
    return "PT_GNU_STACK says so" if "X" in _name(marks[0].flags).split("|") else ""


def _macho(macho: Any, machine: int) -> Image:
    kinds = {"DYLIB": "shared", "EXECUTE": "program", "OBJECT": "object"}
    kind = kinds.get(_name(macho.header.file_type), "shared")
    image = Image(kind, "Mach-O", MACHO_MACHINES.get(machine, "other"))
    image.exports = {s.name.removeprefix("_") for s in macho.exported_symbols}
    image.wanted = {s.name.removeprefix("_") for s in macho.imported_symbols}
    image.entries = {s.value for s in macho.exported_symbols}
    if kind == "object":
        shown = [s for s in macho.symbols if s.raw_type & MACHO_EXTERNAL]
        image.defined = {s.name.removeprefix("_") for s in shown if s.raw_type & MACHO_TYPE}
    else:
        image.defined = set(image.exports)
    image.libraries = [library.name for library in macho.libraries]
    image.thread_local = [s.name for s in macho.sections if s.name.startswith("__thread_")]
    if int(macho.header.flags) & MACHO_STACK_EXECUTION:
        image.executable_stack = "MH_ALLOW_STACK_EXECUTION"
    image.code = [
        (s.virtual_address, bytes(s.content)) for s in macho.sections if s.name == "__text"
    ]
    names = {s.value: s.name.removeprefix("_") for s in macho.symbols if s.value}
    image.starts = {at: name for at, name in names.items() if _holds(image.code, at)}
    image.objects = names.keys() - image.starts.keys()
    for relocation in [] if kind == "object" else macho.relocations:
        if _name(relocation.origin) == "CHAINED_FIXUPS":
            image.pointers[relocation.address] = relocation.target
            continue
        stored = bytes(macho.get_content_from_virtual_address(relocation.address, 8))
        image.pointers[relocation.address] = int.from_bytes(stored, "little")
    return image


def _holds(code: list[tuple[int, bytes]], address: int) -> bool:
    return any(begin <= address < begin + len(data) for begin, data in code)


def _pe(pe: Any) -> Image:
    kind = "shared" if int(pe.header.characteristics) & PE_IS_LIBRARY else "program"
    image = Image(kind, "PE", MACHINES.get(_name(pe.header.machine), "other"))
    exported = pe.get_export()
    base = pe.optional_header.imagebase
    if exported is not None:
        image.exports = {entry.name for entry in exported.entries if entry.name}
        image.entries = {base + entry.address for entry in exported.entries}
    image.defined = set(image.exports)
    image.libraries = [library.name for library in pe.imports]
    image.wanted = {entry.name for library in pe.imports for entry in library.entries}
    template = bytes(pe.tls.data_template) if pe.has_tls else b""
    if template.strip(b"\0") or len(template) > 64:  # less is mingw's own start, which is empty
        image.thread_local = [f"{len(template)} bytes of thread-local data"]
    if not int(pe.optional_header.dll_characteristics) & PE_NO_EXECUTION:
        image.executable_stack = "the image lacks NX_COMPAT"
    image.code = [
        (base + s.virtual_address, bytes(s.content)) for s in pe.sections if s.name == ".text"
    ]
    for block in pe.relocations:
        for entry in block.entries:
            address = block.virtual_address + entry.position
            value = bytes(pe.get_content_from_virtual_address(address, 8))
            if len(value) == 8:
                image.pointers[base + address] = int.from_bytes(value, "little")
    return image
