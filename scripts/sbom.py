"""Writes what the program is made of as a CycloneDX bill of materials, and lists the licences.

python scripts/sbom.py [--licences] > sbom.json

Read are requirements.lock (versions and hashes) and the metadata of the packages that are installed. The same lock
gives the same bytes: there is no time and no random number in it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NAME = re.compile(r"^[A-Za-z0-9_.-]+")
_CLASSIFIER = "License :: OSI Approved :: "
_FONTS = "templates/fonts"
_LONGEST = 60
"""Characters of a licence field that is a name, and not the text itself."""
_KNOWN = {
    "pypandoc-binary": "MIT; the pandoc in it GPL-2.0-or-later",
    "zint-bindings": "Apache-2.0; the zint in it BSD-3-Clause",
}
"""Packages that bring a program along, whose licence their metadata do not name."""


@dataclass(frozen=True)
class Package:
    """A package that the program needs when it runs."""

    name: str
    version: str
    licence: str
    hashes: tuple[str, ...]
    """SHA-256 of each of its files, as the lock has them."""
    needs: tuple[str, ...]
    """The packages that it needs itself."""
    extra: str
    """The extra of ours that asks for it; empty where all installations have it."""


def pins(lock: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return version and hashes of each package of a lock file, by its normal name."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock):
        if pin := _PIN.match(block):
            found[_normal(pin[1])] = (pin[2], tuple(_HASH.findall(block)))
    return found


def packages() -> list[Package]:
    """List what the program needs when it runs, with what that needs, by name; tools of developers are left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    locked = pins((ROOT / "requirements.lock").read_text("utf-8"))
    found: dict[str, Package] = {}
    _add(found, project["dependencies"], locked, "")
    for extra, wanted in project["optional-dependencies"].items():
        _add(found, wanted, locked, extra)
    return [found[name] for name in sorted(found)]


def _add(
    found: dict[str, Package], wanted: Iterable[str], locked: dict[str, tuple[str, tuple[str, ...]]], extra: str
) -> None:
    for name in map(_required, wanted):
        if name in found:
            continue
        try:
            about = distribution(name)
        except PackageNotFoundError:  # for another system, or of an extra that is not installed
            continue
        # Extras of a dependency are not installed by ours.
        needs = [each for each in about.requires or () if "extra ==" not in each]
        # The lock says what is installed, also where this environment has another version.
        version, hashes = locked.get(name, (about.version, ()))
        kept = tuple(sorted(each for each in map(_required, needs) if _is_there(each)))
        found[name] = Package(name, version, licence_of(name), hashes, kept, extra)
        _add(found, needs, locked, extra)


def _is_there(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _required(requirement: str) -> str:
    found = _NAME.match(requirement)
    assert found is not None, requirement
    return _normal(found[0])


def _normal(name: str) -> str:
    """Return a name as PEP 503 compares them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(name: str) -> str:
    """Return the licence that the metadata of a package name."""
    if name in _KNOWN:
        return _KNOWN[name]
    about: Any = distribution(name).metadata
    if expression := about.get("License-Expression"):
        return str(expression)
    classified = [
        str(each).removeprefix(_CLASSIFIER) for each in about.get_all("Classifier") or () if _CLASSIFIER in each
    ]
    given = str(about.get("License") or "").strip()
    # Some packages have all of their licence in this field.
    if given and len(given) <= _LONGEST and "\n" not in given:
        return given
    return " or ".join(classified) or "see its own files"


def fonts() -> Iterator[tuple[str, str]]:
    """Yield the fonts that are shipped, with the file of their licence."""
    for path in sorted((ROOT / _FONTS).glob("*LICENSE.txt")):
        yield path.name.removesuffix("LICENSE.txt").strip("-_ "), f"{_FONTS}/{path.name}"


def bill() -> dict[str, Any]:
    """Return the bill of materials (CycloneDX 1.6, ECMA-424)."""
    from letters import __version__

    listed = packages()
    own = f"pkg:pypi/letters-toolkit@{__version__}"
    references = {each.name: f"pkg:pypi/{each.name}@{each.version}" for each in listed}
    direct = {_required(each) for each in _direct()}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": "letters-toolkit",
                "version": __version__,
                "purl": own,
                "licenses": [{"expression": "MIT"}],
            }
        },
        "components": [*map(_component, listed), *map(_font, fonts())],
        "dependencies": [
            {"ref": own, "dependsOn": sorted(references[name] for name in direct if name in references)},
            *(
                {"ref": references[each.name], "dependsOn": [references[n] for n in each.needs if n in references]}
                for each in listed
            ),
        ],
    }


def _direct() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [*project["dependencies"], *(each for extra in project["optional-dependencies"].values() for each in extra)]


def _component(each: Package) -> dict[str, Any]:
    reference = f"pkg:pypi/{each.name}@{each.version}"
    return {
        "type": "library",
        "bom-ref": reference,
        "name": each.name,
        "version": each.version,
        "purl": reference,
        "scope": "optional" if each.extra else "required",
        "licenses": [{"license": {"name": each.licence}}],
        "properties": [{"name": "sha256 of a file", "value": digest} for digest in each.hashes],
    }


def _font(font: tuple[str, str]) -> dict[str, Any]:
    return {"type": "data", "name": font[0], "licenses": [{"license": {"name": f"its own, in {font[1]}"}}]}


_PAGE = """# Licences

Letters itself is under the MIT licence (`LICENSE`). The fonts in `templates/fonts/` are under their own, which lie
beside them. It needs these packages, whose licences are told as their own metadata tell them; an extra is installed
only where somebody asks for it. `make sbom` writes this page, and `sbom.json` with versions and hashes, from
`requirements.lock`.

"""


def page() -> str:
    """Return the page of licences."""
    return _PAGE + table()


def table() -> str:
    """Return the licences as a table of Markdown."""
    rows = [f"| {each.name} | {each.licence} | {each.extra} |" for each in packages()]
    return "\n".join(("| package | licence | extra |", "|---|---|---|", *rows)) + "\n"


def main() -> None:
    """Write the bill of materials, or the table of licences."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--licences", action="store_true")
    if asked.parse_args().licences:
        sys.stdout.write(page())
    else:
        sys.stdout.write(json.dumps(bill(), indent=1) + "\n")


if __name__ == "__main__":
    main()
