"""The xcframeworks: layout, property lists, and what the binaries are, read by LLVM's tools."""

from __future__ import annotations

import os
import plistlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from test_swift import MANIFEST, REASONED

ROOT = Path(__file__).resolve().parents[2]
SLICES = {
    "ios-arm64": ("ios", None, ["arm64"], "iPhoneOS"),
    "ios-arm64_x86_64-simulator": ("ios", "simulator", ["arm64", "x86_64"], "iPhoneSimulator"),
    "macos-arm64_x86_64": ("macos", None, ["arm64", "x86_64"], "MacOSX"),
    "watchos-arm64_arm64_32": ("watchos", None, ["arm64", "arm64_32"], "WatchOS"),
    "watchos-arm64_x86_64-simulator": (
        "watchos",
        "simulator",
        ["arm64", "x86_64"],
        "WatchSimulator",
    ),
}


def tool(name: str) -> str:
    return shutil.which(name) or shutil.which(f"{name}-14") or name


def output(*words: object) -> str:
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def built() -> Path:
    """HAR_APPLE, by default what `script/build-xcframework --zig` made."""
    folder = Path(os.environ.get("HAR_APPLE", ROOT / "build/apple-zig"))
    if not (folder / "static/CHar.xcframework/Info.plist").is_file():
        pytest.fail(f"{folder} holds no xcframework: ./script/build-xcframework --zig")
    return folder


def property_list(path: Path) -> Any:
    return plistlib.loads(path.read_bytes())


def frameworks(built: Path) -> list[tuple[str, str, Path]]:
    """Kind, name of the slice, framework."""
    return [
        (kind, path.parent.name, path)
        for kind in ("static", "dynamic")
        for path in sorted((built / kind).glob("CHar.xcframework/*/CHar.framework"))
    ]


def inside(framework: Path) -> Path:
    return framework / "Versions/A" if (framework / "Versions").exists() else framework


def test_slices(built: Path) -> None:
    for kind in ("static", "dynamic"):
        said = property_list(built / kind / "CHar.xcframework/Info.plist")
        assert said["CFBundlePackageType"] == "XFWK"
        assert said["XCFrameworkFormatVersion"] == "1.0"
        names = [entry["LibraryIdentifier"] for entry in said["AvailableLibraries"]]
        assert set(names) == (set(SLICES) if kind == "static" else {*SLICES} & {*names})
        assert "macos-arm64_x86_64" in names
        for entry in said["AvailableLibraries"]:
            platform, variant, architectures, _ = SLICES[entry["LibraryIdentifier"]]
            assert entry["SupportedPlatform"] == platform
            assert entry.get("SupportedPlatformVariant") == variant
            assert entry["SupportedArchitectures"] == architectures
            folder = built / kind / "CHar.xcframework" / entry["LibraryIdentifier"]
            assert (folder / entry["LibraryPath"]).is_dir()
            assert (folder / entry["BinaryPath"]).is_file()
            on_mac = "Versions/A/" if platform == "macos" else ""
            assert entry["BinaryPath"] == f"CHar.framework/{on_mac}CHar"


def test_frameworks(built: Path) -> None:
    version = re.search(r'HAR_VERSION_TEXT "(.*)"', (ROOT / "include/har/version.h").read_text())
    assert version
    headers = {path.name for path in (ROOT / "include/har").iterdir()}
    for _, slice_name, framework in frameworks(built):
        platform, _, _, sdk = SLICES[slice_name]
        content = inside(framework)
        resources = content / "Resources" if platform == "macos" else content
        if platform == "macos":
            for name in ("CHar", "Headers", "Modules", "Resources"):
                assert os.readlink(framework / name) == f"Versions/Current/{name}"
            assert os.readlink(framework / "Versions/Current") == "A"
        info = property_list(resources / "Info.plist")
        assert info["CFBundleExecutable"] == info["CFBundleName"] == "CHar"
        assert info["CFBundleShortVersionString"] == info["CFBundleVersion"] == version[1]
        assert info["CFBundleSupportedPlatforms"] == [sdk]
        assert info["CFBundlePackageType"] == "FMWK"
        lowest = info["LSMinimumSystemVersion" if platform == "macos" else "MinimumOSVersion"]
        assert re.fullmatch(r"\d+\.\d", lowest)
        assert (resources / "PrivacyInfo.xcprivacy").read_bytes() == MANIFEST.read_bytes()
        assert (resources / "LICENSE").is_file() and (resources / "NOTICE").is_file()
        assert {path.name for path in (content / "Headers").iterdir()} == headers


def test_architectures(built: Path) -> None:
    """Every object is of the slice's system, and has the kernels of its architecture."""
    for kind, slice_name, framework in frameworks(built):
        binary = inside(framework) / "CHar"
        system = "".join(part or "" for part in SLICES[slice_name][:2])
        headers = output(tool("llvm-objdump"), "-p", binary).lower()
        assert set(re.findall(r"^ +platform (\S+)$", headers, re.MULTILINE)) == {system}
        wanted = set(SLICES[slice_name][2])
        assert set(output(tool("llvm-lipo"), "-archs", binary).split()) == wanted
        for architecture in wanted:
            names = {
                row.split()[-1]
                for row in output(
                    tool("llvm-nm"), "-U", f"--arch={architecture}", binary
                ).splitlines()
                if " T " in row or " t " in row
            }
            neon = any(name.endswith("_neon") for name in names)
            dot = any(name.endswith("_neondot") for name in names)
            avx = any(name.endswith("_avx512") for name in names)
            on_arm = architecture.startswith("arm64")
            if kind == "static":  # a library that is linked has no names of what it does not export
                assert (neon, dot, avx) == (on_arm, architecture == "arm64", not on_arm), (
                    slice_name,
                    architecture,
                )


def test_exports(built: Path) -> None:
    """Exports are what the headers declare; nothing needs what Apple wants a reason for."""
    headers = "".join(p.read_text() for p in (ROOT / "include/har").glob("*.h"))
    declared = set(re.findall(r"HAR_API [^;(]*?\b(har_\w+)\(", headers))
    linker = {"___dso_handle", "__mh_dylib_header"}
    for kind, slice_name, framework in frameworks(built):
        binary = inside(framework) / "CHar"
        for architecture in SLICES[slice_name][2]:
            nm = [tool("llvm-nm"), f"--arch={architecture}"]
            needed = output(*nm, "-u", binary)
            assert "sysctlbyname" in needed or architecture == "x86_64"
            assert not REASONED.search(needed), f"{binary} {architecture}"
            if kind == "dynamic":
                rows = output(*nm, "-gU", binary).splitlines()
                names = {row.split()[-1] for row in rows if row.strip() and not row.endswith(":")}
                assert names - linker == {f"_{name}" for name in declared}
                loads = output(tool("llvm-objdump"), "--macho", "--dylibs-used", binary)
                place = "Versions/A/CHar" if "macos" in slice_name else "CHar"
                assert set(re.findall(r"^\t(\S+) \(", loads, re.MULTILINE)) == {
                    f"@rpath/CHar.framework/{place}",
                    "/usr/lib/libSystem.B.dylib",
                }


def test_module(built: Path, tmp_path: Path) -> None:
    """A program that imports the module compiles against every slice."""
    zig = os.environ.get("HAR_ZIG")
    if zig is None:
        pytest.skip("HAR_ZIG is not set")
    system = Path(zig) / "lib"
    source = tmp_path / "consumer.m"
    source.write_text(
        "@import CHar;\nint main(void) { return har_version() == HAR_VERSION_MAJOR; }\n"
    )
    triples = {
        "ios-arm64": "arm64-apple-ios12.0",
        "ios-arm64_x86_64-simulator": "x86_64-apple-ios14.0-simulator",
        "macos-arm64_x86_64": "arm64-apple-macos11.0",
        "watchos-arm64_arm64_32": "arm64_32-apple-watchos7.0",
        "watchos-arm64_x86_64-simulator": "arm64-apple-watchos7.0-simulator",
    }
    for _, slice_name, framework in frameworks(built):
        words = [
            f"{zig}/zig",
            "clang",
            "-target",
            triples[slice_name],
            "-isystem",
            system / "include",
        ]
        words += ["-isystem", system / "libc/include/any-darwin-any", "-fmodules", "-Werror"]
        words += [f"-fmodules-cache-path={tmp_path}/{slice_name}", "-F", framework.parent]
        output(*words, "-fsyntax-only", source)
