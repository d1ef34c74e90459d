"""Rendering: one part or document becomes bytes, without any other effect."""


class RenderError(Exception):
    """Says why a letter cannot be made; the other letters go on."""
