"""The bill of materials and the page of licences name what the program is made of."""

from __future__ import annotations

import importlib.util
import json
import sys
from types import ModuleType

from tests.desk import ROOT


def load_script() -> ModuleType:
    """Load scripts/sbom.py, which belongs to no package."""
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "scripts" / "sbom.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sbom"] = module
    spec.loader.exec_module(module)
    return module


sbom = load_script()
BILL = sbom.bill()
COMPONENTS = {each["name"]: each for each in BILL["components"]}


def test_packages_and_what_they_need_are_there_with_version_licence_and_hashes() -> None:
    for name in ("weasyprint", "pydyf", "docxtpl", "lxml", "pikepdf", "pydantic-core"):
        each = COMPONENTS[name]
        assert each["version"] in each["purl"]
        assert each["licenses"][0]["license"]["name"] not in ("", "see its own files")
        assert each["scope"] == "required"
        assert all(len(one["value"]) == 64 for one in each["properties"])
        assert each["properties"]


def test_what_an_extra_brings_is_optional_and_what_developers_use_is_not_there() -> None:
    assert COMPONENTS["pyhanko"]["scope"] == "optional"
    assert not {"pytest", "mypy", "ruff", "hypothesis"} & COMPONENTS.keys()


def test_fonts_are_named_with_their_licences() -> None:
    fonts = [each for each in BILL["components"] if each["type"] == "data"]
    assert [each["name"] for each in fonts] == ["Charis-SIL", "DejaVu-Sans"]


def test_every_reference_leads_to_a_component_and_the_same_lock_gives_the_same_bytes() -> None:
    known = {each.get("bom-ref") for each in [*BILL["components"], BILL["metadata"]["component"]]}
    for each in BILL["dependencies"]:
        assert {each["ref"], *each["dependsOn"]} <= known
    assert json.dumps(sbom.bill()) == json.dumps(BILL)


def test_the_lock_is_read_with_its_versions_and_hashes() -> None:
    hashes = "".join(f" \\\n    --hash=sha256:{each * 64}" for each in "ab")
    lock = f"one-package==1.2 ; python_version > '3'{hashes}\nTwo==3\n"
    assert sbom.pins(lock) == {"one-package": ("1.2", ("a" * 64, "b" * 64)), "two": ("3", ())}


def test_the_page_of_licences_names_every_package() -> None:
    page = (ROOT / "docs" / "licences.md").read_text("utf-8")
    for package in sbom.packages():
        assert f"| {package.name} | " in page
