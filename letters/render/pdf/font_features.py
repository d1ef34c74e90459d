"""Patch: frees the lists of font features that WeasyPrint 70 makes for each line (upstream issue: none yet).

Layout.setup makes a list and an attribute of Pango for each line and frees neither; the cache that is meant to limit
this (pull request 381) makes the attribute before it looks. A letter has some thousand lines, so that a process that
makes many letters would grow by half a megabyte with each.
"""

from __future__ import annotations

from typing import Any

from letters.render.pdf.weasyprint_internals import ffi, original, pango, replace

_PROPERTIES = (
    "font_kerning",
    "font_variant_ligatures",
    "font_variant_position",
    "font_variant_caps",
    "font_variant_numeric",
    "font_variant_alternates",
    "font_variant_east_asian",
    "font_feature_settings",
)
"""The properties that features are made of, in the order of the arguments of font_features."""


def patch_font_features() -> None:
    """Make WeasyPrint give font features to Pango in lists that are freed with the line."""
    # Without features of its own, Layout.setup makes no list.
    replace("font_features", lambda *_: {})
    replace("Layout.setup", _setup)


def _setup(layout: Any, style: Any) -> None:
    original("Layout.setup")(layout, style)
    features = original("font_features")(*(style[name] for name in _PROPERTIES))
    if features:
        written = ",".join(f"{name} {value}" for name, value in features.items()).encode()
        attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
        # The list owns the attribute from here on, and the layout takes a reference to the list.
        pango.pango_attr_list_insert(attributes, pango.pango_attr_font_features_new(written))
        pango.pango_layout_set_attributes(layout.layout, attributes)
