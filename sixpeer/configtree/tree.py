"""A configuration of indented lines, as FRR shows it, and back to text unchanged.

A line that is indented deeper than the one before it belongs to that one's context. Lines that
close a context (`exit`, `exit-address-family`, …) are kept with it; `!`, comments and empty lines
are kept where they stand, whatever their own indentation is. What was read is printed as it was
read, to the last blank.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

Path = tuple[str, ...]
"""The lines of the contexts around a line, outermost first."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its indentation; a context if it has children or a closing line.

    `shown` and `closing_shown`: as they were read, blanks included; lines that differ only there are equal.
    """

    text: str
    children: tuple[Line, ...] = ()
    closing: str = ""
    shown: str | None = field(default=None, compare=False, repr=False)
    closing_shown: str | None = field(default=None, compare=False, repr=False)

    @property
    def is_separator(self) -> bool:
        """An empty line or a comment: FRR keeps none of them."""
        return not self.text or self.text[0] in "!#"

    def with_children(self, children: tuple[Line, ...]) -> Line:
        return replace(self, children=children)


Tree = tuple[Line, ...]


def parse(text: str) -> Tree:
    """The tree of a configuration text. A last line `end` is an ordinary line of the top level."""
    lines = text.removesuffix("\n").split("\n") if text else []
    tree, position = _block(lines, _depths(lines), 0, 0)
    assert position == len(lines)
    return tree


def _depths(lines: list[str]) -> list[int]:
    """The indentation of each line; that of a separator says nothing: it goes with what follows it."""
    depths: list[int] = []
    depth = 0
    for line in reversed(lines):
        if not Line(line.strip()).is_separator:
            depth = len(line) - len(line.lstrip(" "))
        depths.append(depth)
    return depths[::-1]


def _block(lines: list[str], depths: list[int], position: int, indentation: int) -> tuple[Tree, int]:
    """The lines from `position` that are indented at least so far, as siblings."""
    siblings: list[Line] = []
    while position < len(lines) and depths[position] >= indentation:
        raw, depth = lines[position], depths[position]
        text = raw.strip()
        position += 1
        if text.startswith("exit") and _close(siblings, text, raw):
            continue
        children: Tree = ()
        if not Line(text).is_separator and position < len(lines) and depths[position] > depth:
            children, position = _block(lines, depths, position, depths[position])
        siblings.append(Line(text, children, shown=raw))
    return tuple(siblings), position


def _close(siblings: list[Line], text: str, raw: str) -> bool:
    """Whether this line closes the last of the siblings; the separators behind that are then inside it."""
    last = len(siblings) - 1
    while last >= 0 and siblings[last].is_separator:
        last -= 1
    if last < 0 or siblings[last].closing:
        return False
    inside = (*siblings[last].children, *siblings[last + 1 :])
    siblings[last:] = [replace(siblings[last], children=inside, closing=text, closing_shown=raw)]
    return True


def render(tree: Tree) -> str:
    """The text of a tree: each line as it was read, else with one space of indentation a level."""
    return "".join(f"{line}\n" for line in _rendered(tree, 0))


def _rendered(tree: Tree, depth: int) -> Iterator[str]:
    for line in tree:
        yield _printed(line.shown, line.text, depth)
        yield from _rendered(line.children, depth + 1)
        if line.closing:
            yield _printed(line.closing_shown, line.closing, depth)


def _printed(shown: str | None, text: str, depth: int) -> str:
    if shown is not None:
        return shown
    return " " * depth + text if text else ""


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
