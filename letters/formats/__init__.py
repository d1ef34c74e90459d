"""File formats and programs outside of Python, each behind a few functions."""
