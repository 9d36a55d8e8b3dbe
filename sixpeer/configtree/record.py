"""The record of what is ours on a router where no name says so: it lies on the router itself.

Routes, interface addresses, announced networks and the BGP instance carry no owner's name. They are
ours if the record names them. It is written when a change is confirmed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from sixpeer.configtree.tree import Path
from sixpeer.errors import PlanError

FORMAT = 1


@dataclass(frozen=True, slots=True, order=True)
class Keyed:
    """Something that is ours by the record: where it stands, and what identifies it there."""

    path: Path
    key: str


@dataclass(frozen=True, slots=True)
class Record:
    """The keyed objects of one owner on one router, each with the digest of its lines."""

    owner: str
    objects: dict[Keyed, str]
    clusters: tuple[str, ...] = ()

    def dumps(self) -> str:
        """As stored: JSON, the same text for the same record."""
        document = {
            "format": FORMAT,
            "owner": self.owner,
            "clusters": sorted(self.clusters),
            "objects": [
                {"context": list(item.path), "key": item.key, "digest": digest}
                for item, digest in sorted(self.objects.items())
            ],
        }
        return json.dumps(document, indent=1) + "\n"


def loads(text: str, owner: str) -> Record:
    """The record in `text`; an empty text is an empty record. Raises PlanError if it is not ours to read."""
    if not text.strip():
        return Record(owner, {})
    try:
        document = json.loads(text)
        if document["format"] != FORMAT or document["owner"] != owner:
            raise PlanError(
                f"the record on the router has format {document['format']} of owner {document['owner']}; "
                f"expected {FORMAT} of {owner}"
            )
        objects = {Keyed(tuple(item["context"]), item["key"]): str(item["digest"]) for item in document["objects"]}
        return Record(owner, objects, tuple(document["clusters"]))
    except (ValueError, KeyError, TypeError) as error:
        raise PlanError(
            f"the record on the router cannot be read ({error}); move it away to adopt what is equal"
        ) from None


def digest(lines: list[str]) -> str:
    """What stands for the value of a keyed object, in any order of its lines."""
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]
