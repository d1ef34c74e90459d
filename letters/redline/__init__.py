"""Redlines of two versions of a letter, and the commands for edited drafts."""
