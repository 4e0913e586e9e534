"""Writes one recording of HAPT as CSV.

`python -m training.recordings --data FOLDER --out FILE.csv`
"""

from __future__ import annotations

import argparse
import sys
import zipfile
from pathlib import Path

from training.recordings.archive import ARCHIVE_URL, ArchiveError, download
from training.recordings.archive import read_recording as read_from_archive
from training.recordings.layout import Recording, save_csv


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.recordings", description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, help="a folder that holds hapt.npz")
    source.add_argument("--archive", type=Path, help="the original archive, a zip file")
    source.add_argument(
        "--download", type=Path, metavar="FILE", help="the same, fetched to FILE if not there yet"
    )
    parser.add_argument("--experiment", type=int, help="default: the first of a test person")
    parser.add_argument("--out", type=Path, required=True, help="the CSV file to write")
    return parser.parse_args(arguments)


def _read(options: argparse.Namespace) -> Recording:
    if options.data is not None:
        from training.recordings.packed import read_recording  # the one part that needs numpy

        return read_recording(options.data / "hapt.npz", options.experiment)
    archive: Path = options.archive or options.download
    if options.download is not None and not zipfile.is_zipfile(archive):
        print(f"downloading {ARCHIVE_URL}", file=sys.stderr)
        download(ARCHIVE_URL, archive)
    return read_from_archive(archive, options.experiment)


def main(arguments: list[str] | None = None) -> int:
    options = _parse(arguments)
    try:
        recording = _read(options)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        save_csv(recording, options.out)
    except (ArchiveError, OSError, ValueError, KeyError) as error:
        print(f"recordings: {error}", file=sys.stderr)
        return 1
    print(
        f"experiment {recording.experiment}, person {recording.person}, "
        f"{len(recording.labels)} samples -> {options.out}",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
