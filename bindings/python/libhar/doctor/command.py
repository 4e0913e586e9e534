"""The command `libhar doctor`."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

WORDS = {True: "ok", False: "FAILED", None: "-"}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command and its options."""
    doctor = commands.add_parser(
        "doctor",
        help="whether a library or package is fit to be linked into any app",
        description="Checks exported symbols, page alignment, C++, TLS, the stack, licences, the "
        "privacy manifest and the processor that is needed, of .so, .a, .dylib, .dll, .framework, "
        ".aar, .whl, .deb, .tar.gz and .zip.",
    )
    doctor.add_argument("artefacts", type=Path, nargs="+", metavar="ARTEFACT")
    doctor.add_argument("--json", action="store_true", help="one object a check and line")
    doctor.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> None:
    try:
        from libhar.doctor.checks import examine
    except ImportError as error:
        raise ImportError(f"{error}: pip install libhar[doctor]") from error
    failed = []
    for artefact in options.artefacts:
        subject = ""
        for finding in examine(artefact):
            if options.json:
                print(json.dumps({"artefact": str(artefact), **asdict(finding)}))
            else:
                if finding.subject != subject:
                    subject = finding.subject
                    print(f"{artefact.name}: {subject}" if subject != artefact.name else subject)
                line = f"  {WORDS[finding.good]:6} {finding.check:14} {finding.expected}"
                print(f"{line}: {finding.found}")
            if finding.good is False:
                failed.append(f"{finding.subject}: {finding.check}: {finding.found}")
    if failed:
        raise ValueError("; ".join(failed))
