"""Edited drafts: found, judged, made into PDFs, and merged three ways."""
