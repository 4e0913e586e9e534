"""The Swift sources: they parse, by tree-sitter's grammar, and name what the C headers declare."""

from __future__ import annotations

import plistlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_swift

ROOT = Path(__file__).resolve().parents[2]
LISTED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.swift"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
)
SOURCES = LISTED.stdout.split()
MANIFEST = ROOT / "bindings/swift/Sources/Har/PrivacyInfo.xcprivacy"

# Calls that Apple wants a reason for: file times, time since boot, space on disk, keyboards, user
# defaults (developer.apple.com, "Describing use of required reason API").
REASONED = re.compile(
    r"\b_?(creationDate|modificationDate|fileModificationDate|contentModificationDateKey"
    r"|creationDateKey"
    r"|getattrlist|getattrlistbulk|fgetattrlist|getattrlistat|stat|stat64|fstat|fstat64|fstatat|lstat|lstat64"
    r"|systemUptime|mach_absolute_time|mach_continuous_time"
    r"|volumeAvailableCapacity\w*|systemFreeSize|systemSize|statfs|statfs64|statvfs|fstatfs|fstatvfs"
    r"|activeInputModes|UserDefaults|NSUserDefaults)\b"
)


def parse_errors(source: bytes) -> list[str]:
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_swift.language()))
    found = []
    rest = [parser.parse(source).root_node]
    while rest:
        node = rest.pop()
        if node.type == "ERROR" or node.is_missing:
            found.append(f"line {node.start_point.row + 1}: {node.text[:60]!r}")
        rest += node.children
    return found


@pytest.mark.parametrize("name", SOURCES)
def test_swift_parses(name: str) -> None:
    assert parse_errors((ROOT / name).read_bytes()) == []


def test_what_does_not_parse_is_found() -> None:
    assert parse_errors(b"func f( -> Int {\n let x = \n}\n")


def test_names_of_c() -> None:
    """Every har_ name that Swift uses is declared in the headers, and fields of structs too."""
    headers = "".join(p.read_text() for p in (ROOT / "include/har").glob("*.h"))
    used: set[str] = set()
    for name in SOURCES:
        used |= set(re.findall(r"\b(?:har|HAR)_\w+", (ROOT / name).read_text()))
    words = set(re.findall(r"\b\w+\b", headers))
    assert len(used) > 20
    assert used - words - {"HAR_ERR_FILE_OPEN"} == set()
    for name in SOURCES:
        fields = re.findall(
            r"\b(?:config|event|info|found|report)\.([a-z]+_[a-z_]+)\b", (ROOT / name).read_text()
        )
        assert set(fields) <= words, name


def test_privacy_manifest() -> None:
    assert plistlib.loads(MANIFEST.read_bytes()) == {
        "NSPrivacyTracking": False,
        "NSPrivacyTrackingDomains": [],
        "NSPrivacyCollectedDataTypes": [],
        "NSPrivacyAccessedAPITypes": [],
    }


def test_no_api_that_needs_a_reason() -> None:
    """Why the manifest is empty."""
    folders = ["lib", "kernels", "include", "bindings/swift/Sources"]
    files = [
        p
        for f in folders
        for p in (ROOT / f).rglob("*")
        if p.suffix in (".c", ".h", ".inc", ".swift")
    ]
    assert len(files) > 200
    for path in files:
        text = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.DOTALL)
        found = REASONED.search(text)
        assert not found, f"{path.relative_to(ROOT)}: {found[0]}"


def test_package_names_what_is_there() -> None:
    package = (ROOT / "Package.swift").read_text()
    for path in re.findall(r'path: "(bindings/[^"]+)"', package):
        assert (ROOT / path).is_dir(), path
    assert 'resources: [.copy("PrivacyInfo.xcprivacy")]' in package
    made = re.search(r'binaryTarget\(name: "(\w+)", path: "([^"]+)"', package)
    assert made
    script = (ROOT / "script/build-xcframework").read_text()
    assert made[1] == "CHar"
    assert made[2] == "build/apple/dynamic/CHar.xcframework"
    assert "out=build/apple$zig" in script
    assert "$out/dynamic/CHar.xcframework" in script


def test_without_xcode() -> None:
    if shutil.which("xcrun"):
        pytest.skip("there is an Xcode")
    shown = subprocess.run(
        [ROOT / "script/build-xcframework"], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 1
    assert "Xcode is missing" in shown.stderr
