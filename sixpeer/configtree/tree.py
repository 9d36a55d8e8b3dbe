"""A configuration of indented lines, as FRR shows it, and back to text unchanged.

A line that is indented deeper than the one before it belongs to that one's context. Lines that
close a context (`exit`, `exit-address-family`, …) are kept with it; `!`, comments and empty lines
are kept where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

Path = tuple[str, ...]
"""The lines of the contexts around a line, outermost first."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its indentation; a context if it has children or a closing line."""

    text: str
    children: tuple[Line, ...] = ()
    closing: str = ""

    @property
    def is_separator(self) -> bool:
        """An empty line or a comment: FRR keeps none of them."""
        return not self.text or self.text[0] in "!#"

    def with_children(self, children: tuple[Line, ...]) -> Line:
        return replace(self, children=children)


Tree = tuple[Line, ...]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def parse(text: str) -> Tree:
    """The tree of a configuration text. A last line `end` is an ordinary line of the top level."""
    lines = text.rstrip("\n").split("\n") if text.strip() else []
    tree, position = _block(lines, 0, 0)
    assert position == len(lines)
    return tree


def _block(lines: list[str], position: int, indentation: int) -> tuple[Tree, int]:
    """The lines from `position` that are indented at least so far, as siblings."""
    siblings: list[Line] = []
    while position < len(lines):
        raw = lines[position].rstrip()
        depth = _indentation(raw)
        if depth < indentation and raw:
            break
        text = raw.lstrip(" ")
        if text.startswith("exit") and siblings and not siblings[-1].is_separator and not siblings[-1].closing:
            siblings[-1] = replace(siblings[-1], closing=text)
            position += 1
            continue
        position += 1
        children: Tree = ()
        if not Line(text).is_separator and position < len(lines):
            deeper = _indentation(lines[position])
            if lines[position].strip() and deeper > depth:
                children, position = _block(lines, position, deeper)
        siblings.append(Line(text, children))
    return tuple(siblings), position


def render(tree: Tree) -> str:
    """The text of a tree, one space of indentation a level, with a final newline."""
    return "".join(f"{line}\n" for line in _rendered(tree, 0))


def _rendered(tree: Tree, depth: int) -> Iterator[str]:
    for line in tree:
        yield " " * depth + line.text if line.text else ""
        yield from _rendered(line.children, depth + 1)
        if line.closing:
            yield " " * depth + line.closing


def walk(tree: Tree, path: Path = ()) -> Iterator[tuple[Path, Line]]:
    """Every line with the path of its contexts, contexts before what is in them, without separators."""
    for line in tree:
        if line.is_separator:
            continue
        yield path, line
        yield from walk(line.children, (*path, line.text))


def difference(before: Tree, after: Tree) -> tuple[str, ...]:
    """What `after` has more (`+ `) and less (`- `) than `before`, each line with its contexts, in any order."""
    had, has = lines(before), lines(after)
    gone = (f"- {' / '.join((*path, text))}" for path, text in sorted(had - has))
    come = (f"+ {' / '.join((*path, text))}" for path, text in sorted(has - had))
    return (*gone, *come)


def comments(tree: Tree) -> tuple[str, ...]:
    """The comments that say something; FRR saves none of them."""
    own = (line.text for line in tree if line.text.lstrip("!# "))
    found = [text for text in own if text[0] in "!#"]
    return (*found, *(text for line in tree for text in comments(line.children)))


_SAYS_NOTHING = ("interface ", "frr version ", "end")


def lines(tree: Tree) -> frozenset[tuple[Path, str]]:
    """The configuration without its order: each line with its path.

    At the top level, an `interface` line by itself, the version of who wrote it and the `end` say
    nothing, so they do not count; an empty route-map entry does.
    """
    return frozenset((path, line.text) for path, line in walk(tree) if path or not line.text.startswith(_SAYS_NOTHING))
