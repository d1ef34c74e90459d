"""Rendering: one part or document becomes bytes, without any other effect."""
