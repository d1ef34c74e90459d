"""Gives back the memory of font features: WeasyPrint 70 makes a list of them for each line it sets, and frees none.

A letter sets some thousand lines, so that a process that makes many letters would grow by half a megabyte with each.
"""

from __future__ import annotations

from typing import Any

from weasyprint.text import line_break
from weasyprint.text.ffi import ffi, pango
from weasyprint.text.fonts import font_features

_STYLES = (
    "font_kerning",
    "font_variant_ligatures",
    "font_variant_position",
    "font_variant_caps",
    "font_variant_numeric",
    "font_variant_alternates",
    "font_variant_east_asian",
    "font_feature_settings",
)
"""The properties that features are made of, in the order in which font_features takes them."""
_set_up = line_break.Layout.setup


def mend_features() -> None:
    """Teach WeasyPrint to give font features to Pango in lists that are freed with the line."""
    line_break.font_features = _none
    line_break.Layout.setup = _set_up_with_features


def _none(*_: object) -> dict[str, int]:
    return {}


def _set_up_with_features(layout: Any, style: Any) -> None:
    _set_up(layout, style)
    features = font_features(*(style[name] for name in _STYLES))
    if features:
        written = ",".join(f"{name} {value}" for name, value in features.items()).encode()
        attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
        pango.pango_attr_list_insert(attributes, pango.pango_attr_font_features_new(written))
        pango.pango_layout_set_attributes(layout.layout, attributes)
