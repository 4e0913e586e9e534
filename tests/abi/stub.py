"""A C program of functions that do nothing, one for each that the headers declare.

    python tests/abi/stub.py tests/abi/0.1/include >stub.c

As a library it has the types of the headers, and nothing else.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PROTOTYPE = re.compile(r"^HAR_API ([^;]*?)\b(har_\w+)(\([^;]*\));", re.MULTILINE)


def main(include: Path) -> None:
    print("#include <har/har.h>")
    for header in sorted((include / "har").glob("*.h")):
        for result, name, arguments in PROTOTYPE.findall(header.read_text(encoding="utf-8")):
            body = "{}" if result.strip() == "void" else "{ return 0; }"
            print(f"{result}{name}{arguments}\n{body}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
