"""The checks of an artefact, one after another."""

from __future__ import annotations

import json
import plistlib
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from libhar.doctor import code
from libhar.doctor.finding import Finding, shortened
from libhar.doctor.image import Image, image_of, is_binary
from libhar.doctor.unpack import AR, Entry, entries, members, slices

PUBLIC = re.compile(r"har_\w+$")
OWN = re.compile(r"har[ik]?_\w+$")
JNI = re.compile(r"(Java_|JNI_On)\w+$")
# What the linkers of some systems put beside the symbols of a program.
LINKERS = {"_init", "_fini", "_edata", "_end", "__bss_start", "__bss_start__", "__bss_end__"}
LINKERS |= {"_bss_end__", "__end__", "__dso_handle", "_mh_dylib_header"}
CPP = re.compile(r"_Z\w|_{1,2}gxx_personality|__cxa_(?!finalize$|atexit$)|_Unwind_\w")
CPP_LIBRARY = re.compile(r"lib(std)?c\+\+|libgcc_s|libsupc\+\+|msvcp\d", re.IGNORECASE)
KERNEL = re.compile(r"hark_\w+_(avx2|avxvnni|avx512|avx512vnni|neondot)$")
PRIVACY = {"NSPrivacyTracking", "NSPrivacyTrackingDomains"}
PRIVACY |= {"NSPrivacyCollectedDataTypes", "NSPrivacyAccessedAPITypes"}
ARCHIVES = (".deb", ".tar.gz", ".tgz", ".tar.xz", ".zip", ".aar", ".whl")
PAGE = 4096
PAGE_16K = 16384


def examine(path: Path) -> list[Finding]:
    """Every check of the artefact at `path`. Raises OSError or ValueError for what is no such."""
    found = entries(path)
    findings = list(_libraries(path, found))
    if not findings:
        raise ValueError(f"{path} holds no library or program")
    whole = path.is_dir() or path.name.endswith(ARCHIVES)
    findings.append(_licences(path.name, found, whole))
    findings.append(_materials(path.name, found))
    findings.append(_privacy(path.name, found))
    return findings


def _libraries(path: Path, found: list[Entry]) -> Iterator[Finding]:
    for entry in found:
        try:
            for piece in slices(entry.data):
                if is_binary(piece):
                    yield from _image(entry.name, image_of(piece), path.name)
                elif piece.startswith(AR):
                    yield from _static(entry.name, piece)
        except ValueError as error:
            raise ValueError(f"{entry.name}: {error}") from error


def _image(name: str, image: Image, artefact: str) -> Iterator[Finding]:
    subject = f"{name} ({image.form} {image.machine})"
    yield _exports(subject, image, is_jni="jni" in PurePosixPath(name).name)
    yield _pages(subject, image, artefact.endswith(".aar") or image.is_android)
    yield _runtime(subject, image)
    yield _threads(subject, image)
    yield _stack(subject, image)
    yield _baseline(subject, image)


def _exports(subject: str, image: Image, is_jni: bool) -> Finding:
    expected = "har_* alone" if not is_jni else "har_*, Java_* and JNI_* alone"
    if image.kind == "program":
        return Finding(subject, "exports", expected, "a program", None)
    allowed = OWN if image.kind == "object" else PUBLIC
    strangers = sorted(
        symbol
        for symbol in (image.defined if image.kind == "object" else image.exports)
        if not allowed.match(symbol)
        and symbol not in LINKERS
        and not (is_jni and JNI.match(symbol))
    )
    if strangers:
        return Finding(subject, "exports", expected, shortened(strangers), False)
    return Finding(subject, "exports", expected, f"{len(image.exports)} symbols", True)


def _pages(subject: str, image: Image, is_android: bool) -> Finding:
    wide = image.machine == "aarch64" or (image.machine == "x86_64" and is_android)
    least = PAGE_16K if wide else PAGE
    expected = f"segments aligned to {least // 1024} KB or more"
    if image.form != "ELF" or image.alignment is None:
        return Finding(subject, "page alignment", expected, f"not of {image.form}", None)
    good = image.alignment >= least
    return Finding(subject, "page alignment", expected, f"{image.alignment} bytes", good)


def _runtime(subject: str, image: Image) -> Finding:
    expected = "no C++ runtime"
    found = [library for library in image.libraries if CPP_LIBRARY.search(library)]
    found += sorted(s for s in image.wanted | image.defined if CPP.match(s))
    return Finding(subject, "C++", expected, shortened(found) or "none", not found)


def _threads(subject: str, image: Image) -> Finding:
    found = list(image.thread_local)
    found += sorted(s for s in image.wanted if s in ("__tls_get_addr", "_tlv_bootstrap"))
    found += sorted(s for s in image.wanted if s.startswith("__emutls"))
    return Finding(
        subject, "TLS", "no thread-local variable", shortened(found) or "none", not found
    )


def _stack(subject: str, image: Image) -> Finding:
    found = image.executable_stack
    return Finding(subject, "stack", "not executable", found or "not executable", not found)


def _baseline(subject: str, image: Image) -> Finding:
    expected = "newer instructions in kernels that are chosen at run time alone"
    if not code.can_read(image.machine):
        return Finding(subject, "processor", expected, f"not read for {image.machine}", None)
    if image.kind == "program" or not image.entries:
        return Finding(subject, "processor", expected, "no function is exported", None)
    count, bad = code.reached(image)
    if bad:
        return Finding(subject, "processor", expected, shortened(bad, 3), False)
    return Finding(subject, "processor", expected, f"{count} functions reached, none has any", True)


def _static(name: str, data: bytes) -> Iterator[Finding]:
    """A static library: one line for each check over all its members."""
    gathered: dict[str, list[Finding]] = {}
    machine = ""
    for member in members(data):
        if not is_binary(member.data):
            continue
        subject, image = member.name, image_of(member.data)
        machine = f" ({image.form} {image.machine})"
        found = [_exports(subject, image, False), _runtime(subject, image)]
        found += [_threads(subject, image), _stack(subject, image), _object(subject, image)]
        for finding in found:
            gathered.setdefault(finding.check, []).append(finding)
    for check, findings in gathered.items():
        bad = [f"{f.subject}: {f.found}" for f in findings if f.good is False]
        expected = findings[0].expected
        if check == "exports":
            expected = "har_*, hari_* and hark_* alone"
        good = None if all(f.good is None for f in findings) else not bad
        said = shortened(bad, 3) or (f"{len(findings)} objects" if good else findings[0].found)
        yield Finding(name + machine, check, expected, said, good)


def _object(subject: str, image: Image) -> Finding:
    expected = "newer instructions in objects of their kernels alone"
    if not code.can_read(image.machine):
        return Finding(subject, "processor", expected, f"not read for {image.machine}", None)
    if any(KERNEL.match(symbol) for symbol in image.defined):
        return Finding(subject, "processor", expected, "kernels", True)
    if newer := code.newer_instruction(image):
        return Finding(subject, "processor", expected, newer, False)
    return Finding(subject, "processor", expected, "none", True)


def _licences(artefact: str, found: list[Entry], whole: bool) -> Finding:
    expected = "LICENSE (Apache-2.0) and NOTICE (libhar)"
    if not whole:
        return Finding(artefact, "licences", expected, "one file", None)
    words = {"LICENSE": b"Apache License", "NOTICE": b"libhar"}
    missing = [
        name
        for name, word in words.items()
        if not any(PurePosixPath(e.name).stem == name and word in e.data for e in found)
    ]
    return Finding(
        artefact,
        "licences",
        expected,
        f"no {' and no '.join(missing)}" if missing else "both",
        not missing,
    )


def _materials(artefact: str, found: list[Entry]) -> Finding:
    expected = "a bill of materials, SPDX 2.3"
    if not artefact.endswith((".deb", ".tar.gz", ".zip")):
        return Finding(artefact, "materials", expected, "not of this kind", None)
    for entry in found:
        if entry.name.endswith(".spdx.json"):
            version = str(json.loads(entry.data).get("spdxVersion"))
            return Finding(artefact, "materials", expected, version, version == "SPDX-2.3")
    return Finding(artefact, "materials", expected, "none", False)


def _privacy(artefact: str, found: list[Entry]) -> Finding:
    expected = "PrivacyInfo.xcprivacy: no tracking, no data collected, no such API used"
    bundles = {m[1] for e in found if (m := re.match(r"(.*?[\w-]+\.framework)/", e.name))}
    if not bundles:
        return Finding(artefact, "privacy", expected, "no Apple bundle", None)
    problems = []
    for bundle in sorted(bundles):
        inside = [e for e in found if e.name.startswith(f"{bundle}/")]
        manifests = [e for e in inside if e.name.endswith("/PrivacyInfo.xcprivacy")]
        if not manifests:
            problems.append(f"{bundle} has none")
            continue
        content = plistlib.loads(manifests[0].data)
        problems += [f"{bundle}: {key} is missing" for key in sorted(PRIVACY - content.keys())]
        problems += [f"{bundle}: {key} is not empty" for key in sorted(content) if content[key]]
    said = shortened(problems, 3) or f"{len(bundles)} bundles"
    return Finding(artefact, "privacy", expected, said, not problems)
