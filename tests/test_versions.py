"""Versions are those that importlib.metadata tells."""

from __future__ import annotations

import importlib.metadata

import pytest

from letters.pipeline import _TOOLS
from letters.versions import version


@pytest.mark.parametrize("name", sorted({"pypandoc-binary", "pypandoc_binary", "Jinja2", *sum(_TOOLS.values(), ())}))
def test_a_version_is_the_one_that_is_installed(name: str) -> None:
    assert version(name) == importlib.metadata.version(name)


def test_what_is_not_installed_has_none() -> None:
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        version("no-such-package")
