"""`libhar doctor` takes what is packed, and refuses what was broken on purpose, by name."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from command import run
from libhar.cli import main
from libhar.doctor.checks import examine

GOOD = "int har_one(void) { return 1; }\n"
CROSS = {
    "aarch64": "aarch64-linux-gnu-gcc",
    "windows": "x86_64-w64-mingw32-gcc",
    "c": "gcc",
    "c++": "g++",
}
Build = Callable[..., Path]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Compiles a source into the file named; `compiler` is a key of CROSS."""

    def make(name: str, text: str, *flags: str, compiler: str = "c") -> Path:
        if shutil.which(CROSS[compiler]) is None:
            pytest.skip(f"{CROSS[compiler]} is not installed")
        source = tmp_path / f"{Path(name).stem}.{'cpp' if compiler == 'c++' else 'c'}"
        source.write_text(text)
        run(CROSS[compiler], "-O1", "-fPIC", *flags, source, "-o", tmp_path / name)
        return tmp_path / name

    return make


def failures(path: Path) -> dict[str, str]:
    """The checks that failed, and what each found."""
    return {f.check: f.found for f in examine(path) if f.good is False}


def archive(path: Path, files: dict[str, Path | str]) -> Path:
    with zipfile.ZipFile(path, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content.read_bytes() if isinstance(content, Path) else content)
    return path


def test_what_is_packed_is_taken(package: Path, dist: Path) -> None:
    archives = [path for path in dist.iterdir() if "source" not in path.name]
    assert len(archives) == 3, "deb, tar.gz and zip"
    for artefact in (package / "libhar.so", package / "libhar.a", *archives):
        assert failures(artefact) == {}, artefact
    checked = {f.check for f in examine(archives[0]) if f.good}
    assert checked == {
        *("exports", "page alignment", "C++", "TLS", "stack", "processor", "licences", "materials"),
    }


def test_a_good_library_is_taken(build: Build) -> None:
    assert failures(build("libgood.so", GOOD, "-shared")) == {}


def test_another_symbol(build: Build) -> None:
    made = build("libmore.so", GOOD + "int stranger(void) { return 2; }\n", "-shared")
    assert failures(made) == {"exports": "stranger"}


def test_an_internal_symbol(build: Build) -> None:
    made = build("libinner.so", GOOD + "int hari_inner(void) { return 2; }\n", "-shared")
    assert failures(made) == {"exports": "hari_inner"}


def test_thread_local_variables(build: Build) -> None:
    text = "static __thread int mine;\nint har_one(void) { return ++mine; }\n"
    assert "mine" in failures(build("libtls.so", text, "-shared"))["TLS"]
    made = build("tls.o", text, "-c")
    run("ar", "rcs", made.with_name("libtls.a"), made)
    assert "tls.o: mine" in failures(made.with_name("libtls.a"))["TLS"]


def test_cpp(build: Build) -> None:
    text = '#include <string>\nextern "C" std::size_t har_one(const char *t)\n'
    text += "{ return (std::string(t) + t).size(); }\n"
    found = failures(build("libcpp.so", text, "-shared", compiler="c++"))
    assert "libstdc++" in found["C++"]
    made = build("cpp.o", text, "-c", compiler="c++")
    run("ar", "rcs", made.with_name("libcpp.a"), made)
    assert "cpp.o" in failures(made.with_name("libcpp.a"))["C++"]


def test_executable_stack(build: Build) -> None:
    made = build("libstack.so", GOOD, "-shared", "-Wl,-z,execstack")
    assert failures(made) == {"stack": "PT_GNU_STACK says so"}


def test_small_pages_of_arm64(build: Build) -> None:
    flags = ["-shared", "-nostdlib", "-Wl,-z,max-page-size=4096"]
    made = build("libsmall.so", GOOD, *flags, compiler="aarch64")
    assert failures(made) == {"page alignment": "4096 bytes"}


def test_small_pages_of_64_bit_android(build: Build, tmp_path: Path) -> None:
    made = build("libhar.so", GOOD, "-shared", "-Wl,-z,max-page-size=4096")
    texts = {"LICENSE": "Apache License", "NOTICE": "libhar"}
    aar = archive(tmp_path / "har.aar", {"jni/x86_64/libhar.so": made, **texts})
    assert failures(aar) == {"page alignment": "4096 bytes"}
    made = build("libhar.so", GOOD, "-shared", "-Wl,-z,max-page-size=16384")
    aar = archive(tmp_path / "har.aar", {"jni/x86_64/libhar.so": made, **texts})
    assert failures(aar) == {}


@pytest.mark.parametrize("missing", ["LICENSE", "NOTICE"])
def test_licences(build: Build, tmp_path: Path, missing: str) -> None:
    texts = {"x.dist-info/licenses/LICENSE": "Apache License", "x.dist-info/NOTICE": "libhar"}
    kept = {name: text for name, text in texts.items() if not name.endswith(missing)}
    made = build("libhar.so", GOOD, "-shared")
    wheel = archive(tmp_path / "libhar.whl", {"libhar/libhar.so": made, **kept})
    assert failures(wheel) == {"licences": f"no {missing}"}


def test_a_zip_without_a_bill_of_materials(build: Build, tmp_path: Path) -> None:
    texts = {"LICENSE": "Apache License", "NOTICE": "libhar"}
    made = build("libhar.so", GOOD, "-shared")
    assert failures(archive(tmp_path / "x.zip", {"libhar.so": made, **texts})) == {
        "materials": "none"
    }


WIDE = """
{kind} int wide(const float *x, float *y, int n)
{{
    for (int i = 0; i < n; i++) y[i] = x[i] * 3.0f + y[i];
    return n;
}}
"""


def test_newer_instructions_by_a_call(build: Build) -> None:
    text = WIDE.format(kind='static __attribute__((noinline, target("avx2,fma")))')
    text += "int har_one(const float *x, float *y, int n) { return wide(x, y, n); }\n"
    made = build("libwide.so", text, "-shared")
    assert "wide: v" in failures(made)["processor"]
    run("strip", made)
    assert "0x" in failures(made)["processor"]


def test_newer_instructions_by_a_table(build: Build) -> None:
    text = WIDE.format(kind='static __attribute__((target("avx2")))')
    text += "static int narrow(const float *x, float *y, int n) { y[0] = x[0]; return n; }\n"
    text += "typedef int (*const kernel)(const float *, float *, int);\n"
    text += "static kernel table[2] = {narrow, wide};\n"
    text += "int har_one(const float *x, float *y, int n) { return table[n & 1](x, y, n); }\n"
    assert "wide: v" in failures(build("libtable.so", text, "-shared"))["processor"]


def test_newer_instructions_in_an_object(build: Build) -> None:
    kernel = WIDE.format(kind="").replace("wide", "hark_wide_avx2")
    build("kernel.o", kernel, "-c", "-mavx2")
    made = build("plain.o", GOOD, "-c")
    library = made.with_name("libobjects.a")
    run("ar", "rcs", library, made, made.with_name("kernel.o"))
    assert failures(library) == {}
    wide = build("wide.o", WIDE.format(kind="").replace("wide", "har_wide"), "-c", "-O3", "-mavx2")
    run("ar", "rcs", library, wide)
    assert "wide.o: v" in failures(library)["processor"]


def test_newer_instructions_of_arm(build: Build) -> None:
    text = "#include <arm_neon.h>\nint har_one(int8x16_t a, int32x4_t s)\n"
    text += "{ return vgetq_lane_s32(vdotq_s32(s, a, a), 0); }\n"
    flags = ["-shared", "-nostdlib", "-march=armv8.2-a+dotprod"]
    made = build("libdot.so", text, *flags, compiler="aarch64")
    assert "sdot" in failures(made)["processor"]


def test_windows(build: Build) -> None:
    export = "__declspec(dllexport) "
    assert failures(build("good.dll", export + GOOD, "-shared", compiler="windows")) == {}
    more = export + GOOD + export + "int stranger(void) { return 2; }\n"
    made = build("more.dll", more, "-shared", "-Wl,--disable-nxcompat", compiler="windows")
    assert failures(made) == {"exports": "stranger", "stack": "the image lacks NX_COMPAT"}


def test_the_command(build: Build, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = build("libmore.so", GOOD + "int stranger(void) { return 2; }\n", "-shared")
    assert main(["doctor", str(made)]) == 1
    shown = capsys.readouterr()
    assert "FAILED exports" in shown.out
    assert "libmore.so (ELF x86_64): exports: stranger" in shown.err
    assert main(["doctor", "--json", str(made)]) == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["check"]: row["good"] for row in rows}["exports"] is False
    assert main(["doctor", str(build("libgood.so", GOOD, "-shared"))]) == 0
    (tmp_path / "text.so").write_text("no library")
    assert main(["doctor", str(tmp_path / "text.so")]) == 1
    assert "holds no library" in capsys.readouterr().err


def test_a_damaged_library_is_told(build: Build) -> None:
    made = build("libhar.so", GOOD, "-shared")
    made.write_bytes(made.read_bytes()[:40])
    with pytest.raises(ValueError, match=r"libhar\.so"):
        failures(made)
