"""`libhar doctor` on Apple's files: frameworks, files of several processors, static libraries."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import ROOT, run
from libhar.doctor.checks import examine

GOOD = "int har_one(void) { return 1; }\n"
LINK = ["-shared", "-nostdlib", "-fuse-ld=lld", "-Wl,-undefined,dynamic_lookup"]
PROCESSORS = {"x86_64": 0x0100_0007, "arm64": 0x0100_000C}
POPCNT = '__asm__ volatile("popcnt %eax, %eax");'
PMULLD = '__asm__ volatile("pmulld %xmm0, %xmm1");'


def failures(path: Path) -> dict[str, str]:
    """The checks that failed, and what each found."""
    return {f.check: f.found for f in examine(path) if f.good is False}


def compiled(folder: Path, text: str, processor: str, *flags: str) -> Path:
    """A source, compiled for macOS: to an object, or with LINK to a library."""
    (folder / "one.c").write_text(text)
    made = folder / f"{processor}.o"
    target = f"--target={processor}-apple-macos11"
    run("clang", target, "-O1", *flags, folder / "one.c", "-o", made)
    return made


def archived(folder: Path, text: str, processor: str) -> bytes:
    """The object of a source in a static library."""
    library = folder / f"{processor}.a"
    library.unlink(missing_ok=True)
    run("ar", "rcs", library, compiled(folder, text, processor, "-c"))
    return library.read_bytes()


def fat(pieces: dict[str, bytes]) -> bytes:
    """A file of several processors, by Apple's mach-o/fat.h."""
    head, body = b"\xca\xfe\xba\xbe" + len(pieces).to_bytes(4, "big"), b""
    begin = 8 + 20 * len(pieces)
    for processor, piece in pieces.items():
        words = (PROCESSORS[processor], 0, begin + len(body), len(piece), 0)
        head += b"".join(word.to_bytes(4, "big") for word in words)
        body += piece
    return head + body


def test_a_framework(tmp_path: Path) -> None:
    """Its library is linked by LLVM's linker; then the manifest goes, then fills."""
    framework = tmp_path / "har.framework"
    framework.mkdir()
    compiled(tmp_path, GOOD, "arm64", *LINK).rename(framework / "har")
    (framework / "LICENSE").write_text("Apache License")
    (framework / "NOTICE").write_text("libhar")
    assert "har.framework has none" in failures(framework)["privacy"]
    manifest = ROOT / "tests/package/PrivacyInfo.xcprivacy"
    (framework / "PrivacyInfo.xcprivacy").write_bytes(manifest.read_bytes())
    assert failures(framework) == {}
    tracking = manifest.read_text().replace("<false/>", "<true/>")
    (framework / "PrivacyInfo.xcprivacy").write_text(tracking)
    assert "NSPrivacyTracking is not empty" in failures(framework)["privacy"]


def test_a_static_library_of_two_processors(tmp_path: Path) -> None:
    """Each slice is read: a stranger in the second one is found."""
    made = tmp_path / "CHar"
    pieces = {processor: archived(tmp_path, GOOD, processor) for processor in PROCESSORS}
    made.write_bytes(fat(pieces))
    assert failures(made) == {}
    assert {f.subject for f in examine(made) if f.check == "exports"} == {
        "CHar (Mach-O x86_64)",
        "CHar (Mach-O aarch64)",
    }
    stranger = archived(tmp_path, GOOD + "int stranger(void) { return 2; }\n", "arm64")
    made.write_bytes(fat(pieces | {"arm64": stranger}))
    assert failures(made) == {"exports": "arm64.o: stranger"}


@pytest.mark.parametrize("keep", [30, 60])
def test_a_cut_file_of_two_processors(tmp_path: Path, keep: int) -> None:
    made = tmp_path / "CHar"
    made.write_bytes(fat({"arm64": archived(tmp_path, GOOD, "arm64")})[:keep])
    with pytest.raises(ValueError, match="CHar: it is damaged: a slice is at 28, of"):
        examine(made)


def test_intel_macs_have_sse_4_1_and_no_more(tmp_path: Path) -> None:
    text = "int har_one(void) {{ {} return 1; }}\n"
    for words, found in ((PMULLD, None), (POPCNT, "har_one: popcnt eax, eax")):
        made = compiled(tmp_path, text.format(words), "x86_64", *LINK)
        assert failures(made).get("processor") == found


@pytest.mark.parametrize("processor", PROCESSORS)
def test_newer_instructions_by_a_table(tmp_path: Path, processor: str) -> None:
    """What a table of functions names is reached: its pointers are what the loader puts there."""
    newer = {"x86_64": POPCNT, "arm64": '__asm__ volatile(".inst 0x4e809400");'}[processor]
    text = f"static int wide(int n) {{ {newer} return n; }}\n"
    text += "static int narrow(int n) { return n + 1; }\n"
    text += "typedef int (*const kernel)(int);\n"
    text += "static kernel table[2] = {narrow, wide};\n"
    text += "int har_one(int n) { return table[n & 1](n); }\n"
    made = compiled(tmp_path, text, processor, *LINK)
    assert failures(made)["processor"].startswith("wide: ")
