"""Merging: templates meet recipients, and every field is checked before anything is rendered."""
