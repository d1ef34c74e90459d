from __future__ import annotations

import pytest

from tests.desk import ROOT
from tests.sample import loaded

LETTERS = sorted(path.stem for path in (ROOT / "templates").glob("*.md"))


@pytest.mark.parametrize("name", LETTERS)
def test_every_citation_of_the_letters_is_in_the_authorities_file(name: str) -> None:
    _, problems = loaded(name)
    assert [str(p) for p in problems if "authorities" in p.what or "supra" in p.what or "Id." in p.what] == []
