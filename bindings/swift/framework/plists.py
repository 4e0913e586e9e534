"""Writes the Info.plist of a framework and of an xcframework.

python3 plists.py framework FILE VERSION PLATFORM MINIMUM
python3 plists.py xcframework FOLDER SLICE=PLATFORM,VARIANT,ARCHITECTURE+ARCHITECTURE ...

PLATFORM is Apple's name of the SDK's system, such as iPhoneOS; of a slice, ios, macos or watchos,
and VARIANT is simulator or nothing.
"""

from __future__ import annotations

import plistlib
import sys
from pathlib import Path

NAME = "CHar"


def framework(version: str, platform: str, minimum: str) -> dict[str, object]:
    lowest = "LSMinimumSystemVersion" if platform == "MacOSX" else "MinimumOSVersion"
    return {
        "CFBundleDevelopmentRegion": "en",
        "CFBundleExecutable": NAME,
        "CFBundleIdentifier": f"org.libhar.{NAME}",
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundleName": NAME,
        "CFBundlePackageType": "FMWK",
        "CFBundleShortVersionString": version,
        "CFBundleSupportedPlatforms": [platform],
        "CFBundleVersion": version,
        lowest: minimum,
    }


def library(words: str) -> dict[str, object]:
    identifier, said = words.split("=")
    platform, variant, architectures = said.split(",")
    entry: dict[str, object] = {
        "BinaryPath": f"{NAME}.framework/" + ("Versions/A/" if platform == "macos" else "") + NAME,
        "LibraryIdentifier": identifier,
        "LibraryPath": f"{NAME}.framework",
        "SupportedArchitectures": architectures.split("+"),
        "SupportedPlatform": platform,
    }
    if variant:
        entry["SupportedPlatformVariant"] = variant
    return entry


def xcframework(slices: list[str]) -> dict[str, object]:
    return {
        "AvailableLibraries": [library(words) for words in slices],
        "CFBundlePackageType": "XFWK",
        "XCFrameworkFormatVersion": "1.0",
    }


def main(kind: str, place: str, *words: str) -> None:
    content = framework(*words) if kind == "framework" else xcframework(list(words))
    path = Path(place) if kind == "framework" else Path(place) / "Info.plist"
    path.write_bytes(plistlib.dumps(content))


if __name__ == "__main__":
    main(*sys.argv[1:])
