"""Links inside a text lead to a place that is there, or become plain words."""

from __future__ import annotations

from letters.formats.tree import PAGE, PAGE_CLASS, Node, paragraph, settle_anchors, text, walk


def heading(identifier: str) -> Node:
    return {"t": "Header", "c": [1, [identifier, [], []], [text("Part")]]}


def link(target: str, *inlines: Node) -> Node:
    return {"t": "Link", "c": [["", [], []], list(inlines), [target, ""]]}


def test_a_place_keeps_an_id_only_where_a_link_leads_to_it() -> None:
    found = settle_anchors([heading("one"), heading("two 2"), paragraph([link("#two%202", text("see"))])], "to-0-")
    assert [node["c"][1][0] for node in walk(found.blocks) if node["t"] == "Header"] == ["", "to-0-two-2"]
    assert [node["c"][2][0] for node in walk(found.blocks) if node["t"] == "Link"] == ["#to-0-two-2"]
    assert found.missing == ()


def test_a_link_without_a_place_becomes_its_words_and_is_named() -> None:
    found = settle_anchors([paragraph([link("#gone", text("see")), link("https://example.org", text("web"))])], "x-")
    assert found.missing == ("gone",)
    assert [node["t"] for node in found.blocks[0]["c"]] == ["Str", "Link"]


def test_a_reference_to_a_page_shows_the_page_of_its_place() -> None:
    found = settle_anchors([heading("one"), paragraph([link("#one", text(PAGE)), link("#two", text(PAGE))])], "x-")
    first, second = found.blocks[1]["c"]
    assert first["c"] == [["", [PAGE_CLASS], []], [], ["#x-one", ""]]
    assert second == text("?")
