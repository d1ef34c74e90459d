"""Keeps the styles of a Word letter that the letterhead knows, as classes; words in others are plain text."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from letters.formats.grid import ITEM_NUMBER
from letters.formats.tree import classes


def plain_styles(value: Any, styles: Collection[str]) -> Any:
    """Copy a part of pandoc's tree: styles that the letterhead has become classes, other styles and pictures go."""
    if isinstance(value, list):
        result: list[Any] = []
        for item in value:
            if isinstance(item, dict) and item.get("t") == "Image":
                continue
            new = plain_styles(item, styles)
            style = _style_of(item)
            if style is None or _is_kept(item) or (style in styles and style == _titled(style)):
                result.append(new)
            else:
                result += new["c"][1]
        return result
    if not isinstance(value, dict):
        return value
    new = {key: plain_styles(item, styles) for key, item in value.items()}
    style = _style_of(value)
    if _is_kept(value):
        new["c"] = [[value["c"][0][0], [each for each in value["c"][0][1] if each == ITEM_NUMBER], []], new["c"][1]]
    elif style is not None:
        new["c"] = [["", [style.lower().replace(" ", "-")], []], new["c"][1]]
    return new


def _is_kept(node: Any) -> bool:
    """Return whether a node of pandoc's tree is an item's own number, or a bookmark, which a link may lead to."""
    if not (isinstance(node, dict) and node.get("t") == "Span"):
        return False
    return bool(node["c"][0][0]) or ITEM_NUMBER in classes(node)


def _titled(style: str) -> str:
    """Return a style in the spelling of its class: "Inside Address" is one of ours, Word's "footnote text" is not."""
    return style.replace("-", " ").title()


def _style_of(node: Any) -> str | None:
    """Return the style of a Div or Span of pandoc's tree, empty for one without; None where the node is no such."""
    if not (isinstance(node, dict) and node.get("t") in ("Div", "Span")):
        return None
    return next((str(value) for key, value in node["c"][0][2] if key == "custom-style"), "")
