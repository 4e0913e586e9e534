"""Names that a C file keeps to itself, which in one file with others would meet.

The source is formatted by clang-format: what a file declares for itself begins in the first column.
"""

from __future__ import annotations

import re
from collections import Counter

# What stands in the first column, to its name. Functions and variables:
STATIC = re.compile(r"^(?:static|HARK_INLINE)\b[^(;={\[\n]*?\b(\w+)\s*(?:\(|;|=|\[)", re.MULTILINE)
TAG = re.compile(r"^(?:typedef )?(?:struct|union|enum) (\w+)", re.MULTILINE)
TYPEDEF_BODY = re.compile(r"^} (\w+);", re.MULTILINE)
TYPEDEF = re.compile(
    r"^typedef [^{;]*?(?:\(\*)?\b(\w+)(?:\)?\([^;]*\))?(?:\[\w*\])?;", re.MULTILINE
)
ENUM = re.compile(r"^(?:typedef )?enum(?: \w+)? \{(.*?)\}", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"^\s*(\w+)\s*(?:=|$)")
PARENTHESES = re.compile(r"\([^()]*\)")
MACRO = re.compile(r"^\s*#\s*define (\w+)", re.MULTILINE)
UNDEF = re.compile(r"^\s*#\s*undef (\w+)", re.MULTILINE)
# A family of functions that a macro names by the rows and panels of their tile.
TILE = re.compile(r"static void (\w+)##rows##x##panels\(")

COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)
# An identifier that is not a member and not a part of a name in angle brackets.
WORD = re.compile(r"(?<![\w.])(?<!->)[A-Za-z_]\w*")


def without_comments(text: str) -> str:
    """The text with blanks for comments and for what stands in quotation marks."""
    return COMMENT_OR_TEXT.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def own_names(text: str) -> set[str]:
    """Functions, variables, types and enum constants that a file declares for itself."""
    bare = without_comments(text)
    names = {*STATIC.findall(bare), *TAG.findall(bare), *TYPEDEF_BODY.findall(bare)}
    names |= set(TYPEDEF.findall(bare))
    for body in ENUM.findall(bare):
        while (without := PARENTHESES.sub(" call ", body)) != body:  # lists of macros' calls
            body = without
        names |= {found[1] for entry in body.split(",") if (found := ENTRY.match(entry))}
    for stem in TILE.findall(bare):
        names |= {f"{stem}{rows}x{panels}" for rows in range(1, 17) for panels in (1, 2)}
    return names - set(MACRO.findall(bare))


def met(sections: dict[str, str]) -> dict[str, set[str]]:
    """For each section those of its own names that another section has, too."""
    own = {name: own_names(text) for name, text in sections.items()}
    count = Counter(word for names in own.values() for word in names)
    return {name: {word for word in names if count[word] > 1} for name, names in own.items()}


def renamed(text: str, names: set[str], suffix: str) -> str:
    """The text with `_suffix` behind the names, but not in comments, strings and members."""

    def replace(match: re.Match[str]) -> str:
        return f"{match[0]}_{suffix}" if match[0] in names else match[0]

    done, at = [], 0
    for skipped in COMMENT_OR_TEXT.finditer(text):
        done += [WORD.sub(replace, text[at : skipped.start()]), skipped[0]]
        at = skipped.end()
    return "".join([*done, WORD.sub(replace, text[at:])])


def as_macros(names: set[str], suffix: str) -> str:
    """Lines that give the names `_suffix` wherever the compiler meets them, pasted ones too."""
    return "".join(f"#define {name} {name}_{suffix}\n" for name in sorted(names))


def forgotten(text: str) -> str:
    """Lines that undefine the macros which a section leaves defined."""
    bare = without_comments(text)
    left: dict[str, None] = {}
    for line in bare.splitlines():
        if found := MACRO.match(line):
            left[found[1]] = None
        elif found := UNDEF.match(line):
            left.pop(found[1], None)
    return "".join(f"#undef {name}\n" for name in left)
