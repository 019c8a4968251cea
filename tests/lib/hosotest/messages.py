# SPDX-License-Identifier: Apache-2.0
"""The English sentences of the sources and the messages of po/vi.po."""
import re

from hosotest.cluster import ROOT

LITERAL = r'"((?:[^"\\\n]|\\.)*)"'
PRINTED = {"PRIu64": "lu", "PRId64": "ld", "PRIu32": "u", "PRId32": "d"}
CONVERSION = re.compile(r"%[-+ #0-9.*]*(?:hh|h|ll|l|z|j)?[a-zA-Z]")
# "vi", "en" side by side, as a pair in braces or by a condition: bilingual already.
PAIR = re.compile(rf"(?:{LITERAL}\s*)+[,:]\s*(?:{LITERAL}\s*)+")
VIETNAMESE = re.compile(r"[à-ỹđÀ-ỸĐ]")


def messages():
    """msgid → msgstr, as they stand in the file."""
    return dict(re.findall(r'^msgid "(.+)"$\nmsgstr "(.*)"$', (ROOT / "po" / "vi.po").read_text(encoding="utf-8"), re.M))


def shape(text):
    """Without what a conversion says of size and type."""
    return CONVERSION.sub("%s", text)


def literals(source, pairs=False):
    """C's string literals, neighbours joined, macros of <inttypes.h> written out; without comments, includes and, unless asked for, bilingual pairs."""
    source = re.sub(r"/\*.*?\*/|#include[^\n]*|extern \"C\"", "", source, flags=re.S)
    for name, letters in PRINTED.items():
        source = re.sub(rf'"\s*\b{name}\b\s*"', letters, source)
        source = re.sub(rf'"\s*\b{name}\b', f'{letters}"', source)
    if not pairs:
        source = PAIR.sub(lambda match: "" if VIETNAMESE.search(match.group()) else match.group(), source)
    for group in re.finditer(rf"{LITERAL}(?:\s*(?:\\\n\s*)?{LITERAL})*", source):
        yield "".join(re.findall(LITERAL, group.group()))


def sources(*places):
    for place in places:
        path = ROOT / place
        yield from sorted(path.rglob("*.[ch]")) if path.is_dir() else [path]


ENGLISH = re.compile(r"\b(the|is|are|not|there|of|with|give|and|or|it|for|must|cannot|did|you|needs?|missing|at|most|unknown|only|"
                     r"found|failed|file|such|wrote|write|read|this|that|has|have|was|which|be|as|from|than)\b")


def english_in(said):
    """Lines in English; what stands in quotation marks, options, paths, usage lines and the names of columns apart."""
    bare = re.sub(r'"[^"]*"|`[^`]*`|--[a-z-]+|\S*[/.]\S*|\[[^\]]*\]|\{[^}]*\}', " ", said)
    return [line for line in bare.splitlines() if not line.startswith("cách dùng:") and ENGLISH.search(line)]
