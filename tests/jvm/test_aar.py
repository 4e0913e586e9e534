"""The archive's layout, and what its shared libraries are, read from their ELF headers."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ABIS = {
    "arm64-v8a": "AArch64",
    "armeabi-v7a": "ARM",
    "x86_64": "Advanced Micro Devices X86-64",
    "x86": "Intel 80386",
}
PAGE = 16384
ANDROID = "{http://schemas.android.com/apk/res/android}"
LIBRARIES = ["libhar.so", "libhar_jni.so"]


def readelf(path: Path, *options: str) -> str:
    done = subprocess.run(
        ["readelf", "-W", *options, path], capture_output=True, text=True, check=True
    )
    return done.stdout


def abis(aar: Path) -> list[str]:
    return sorted(folder.name for folder in (aar / "jni").iterdir())


def libraries(aar: Path) -> list[tuple[str, Path]]:
    return [(abi, aar / "jni" / abi / name) for abi in abis(aar) for name in LIBRARIES]


def defined(path: Path) -> set[str]:
    nm = ["nm", "-D", "--defined-only", "--format=posix", path]
    shown = subprocess.run(nm, capture_output=True, text=True, check=True).stdout
    names = {row.split()[0].partition("@")[0] for row in shown.splitlines()}
    return {name for name in names if not name.startswith("LIBHAR_")}  # the versions themselves


def test_layout(aar: Path) -> None:
    found = abis(aar)
    assert found
    assert set(found) <= set(ABIS)
    wanted = {"AndroidManifest.xml", "classes.jar", "proguard.txt", "R.txt", "prefab/prefab.json"}
    wanted |= {"META-INF/LICENSE", "META-INF/NOTICE", "prefab/modules/har/module.json"}
    wanted.add("META-INF/com/android/build/gradle/aar-metadata.properties")
    wanted |= {f"prefab/modules/har/include/har/{p.name}" for p in (ROOT / "include/har").iterdir()}
    for abi in found:
        wanted |= {f"jni/{abi}/{name}" for name in LIBRARIES}
        wanted |= {f"prefab/modules/har/libs/android.{abi}/{n}" for n in ("libhar.so", "abi.json")}
    assert {str(p.relative_to(aar)) for p in aar.rglob("*") if p.is_file()} == wanted


def test_prefab(aar: Path) -> None:
    """As the format's page says, google.github.io/prefab, schema version 2."""
    version = re.search(r'HAR_VERSION_TEXT "(.*)"', (ROOT / "include/har/version.h").read_text())
    assert version
    package = json.loads((aar / "prefab/prefab.json").read_text())
    assert package == {
        "schema_version": 2,
        "name": "har",
        "version": version[1],
        "dependencies": [],
    }
    module = aar / "prefab/modules/har"
    assert json.loads((module / "module.json").read_text()) == {"export_libraries": []}
    for abi in abis(aar):
        folder = module / "libs" / f"android.{abi}"
        said = json.loads((folder / "abi.json").read_text())
        assert said.pop("ndk") >= 0
        assert said == {"abi": abi, "api": 21, "stl": "none", "static": False}
        same = (aar / "jni" / abi / "libhar.so").read_bytes()
        assert (folder / "libhar.so").read_bytes() == same
    for header in (ROOT / "include/har").iterdir():
        assert (module / "include/har" / header.name).read_bytes() == header.read_bytes()


def test_manifest(aar: Path) -> None:
    manifest = ET.parse(aar / "AndroidManifest.xml").getroot()
    assert manifest.get("package") == "org.libhar"
    assert [child.tag for child in manifest] == ["uses-sdk"], "no permission, no component"
    assert manifest[0].get(f"{ANDROID}minSdkVersion") == "21"


def test_machine_and_names(aar: Path) -> None:
    for abi, path in libraries(aar):
        machine = re.search(r"Machine: +(.*)", readelf(path, "-h"))
        assert machine and machine[1] == ABIS[abi], path
        dynamic = readelf(path, "-d")
        assert re.findall(r"\(SONAME\).*\[(.*)\]", dynamic) == [path.name], path
        assert "RPATH" not in dynamic and "RUNPATH" not in dynamic and "TEXTREL" not in dynamic
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
        others = {n for n in needed if not re.match(r"(libc|libm|libdl|ld-linux[^.]*)\.so", n)}
        assert others == ({"libhar.so"} if path.name == "libhar_jni.so" else set()), path


def test_exports(aar: Path) -> None:
    for abi in abis(aar):
        folder = aar / "jni" / abi
        lint = [sys.executable, ROOT / "tests/abi/symbols.py", folder / "libhar.so"]
        subprocess.run(lint, check=True)
        assert all(name.startswith("har_") for name in defined(folder / "libhar.so")), abi
        assert defined(folder / "libhar_jni.so") == {"JNI_OnLoad"}, abi


def test_pages(aar: Path) -> None:
    """Segments of 64-bit ABIs load on pages of 16 KB; none is writable and executable at once."""
    row = re.compile(r"^ +(LOAD|TLS|GNU_STACK) +(\w+) (\w+) \w+ \w+ \w+ ([RWE ]{3}) (\w+)", re.M)
    for abi, path in libraries(aar):
        segments = row.findall(readelf(path, "-l"))
        kinds = [segment[0] for segment in segments]
        assert kinds.count("LOAD") >= 2 and kinds.count("GNU_STACK") == 1, path
        assert "TLS" not in kinds, path
        for kind, offset, address, flags, align in segments:
            assert not ("W" in flags and "E" in flags), path
            if kind == "GNU_STACK":
                assert "E" not in flags, path
            if kind == "LOAD" and "64" in abi:
                assert int(align, 16) % PAGE == 0, path
                assert (int(address, 16) - int(offset, 16)) % PAGE == 0, path


def test_classes(aar: Path) -> None:
    """Java 8 classes of the package alone, and the names that the consumer rules keep."""
    jar = aar / "classes.jar"
    with zipfile.ZipFile(jar) as archive:
        names = [n for n in archive.namelist() if n.endswith(".class")]
        majors = {struct.unpack(">H", archive.read(n)[6:8])[0] for n in names}
    assert majors == {52}
    assert all(name.startswith("org/libhar/") for name in names)
    assert {"org/libhar/HarModel.class", "org/libhar/android/HarSensorListener.class"} <= set(names)
    javap = ["javap", "-p", "-cp", jar, "org.libhar.HarNative", "org.libhar.HarException"]
    members = subprocess.run(javap, capture_output=True, text=True, check=True).stdout
    rules = (aar / "proguard.txt").read_text()
    kept = re.findall(r"class (\S+) \{ (.*) \}", rules)
    assert [name for name, _ in kept] == ["org.libhar.HarNative", "org.libhar.HarException"]
    made = re.search(r"<init>(\(.*\));", kept[1][1])
    assert made and f"org.libhar.HarException{made[1]};" in members
    natives = re.findall(r"static native .* (\w+)\(", members)
    registered = "".join(p.read_text() for p in (ROOT / "bindings/android/jni").glob("*.c"))
    assert sorted(natives) == sorted(re.findall(r'HARJ_METHOD\(\s*"(\w+)"', registered))


@pytest.mark.parametrize(
    ("settings", "words"),
    [({}, "ANDROID_NDK_HOME is not set"), ({"ANDROID_NDK_HOME": "tests"}, "which is not an NDK")],
)
def test_without_the_ndk(settings: dict[str, str], words: str) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("ANDROID_")}
    shown = subprocess.run(
        [ROOT / "script/build-aar"],
        capture_output=True,
        text=True,
        check=False,
        env={**clean, **settings},
    )
    assert shown.returncode == 1
    assert words in shown.stderr


def test_preset_without_the_ndk(tmp_path: Path) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("ANDROID_")}
    shown = subprocess.run(
        ["cmake", "--preset", "android-arm64-v8a", "-B", tmp_path / "build"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=clean,
    )
    assert shown.returncode != 0
    assert "ANDROID_NDK_HOME is not set" in shown.stderr
