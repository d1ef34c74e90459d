"""The PDF engine: WeasyPrint, and what letters with the same layout share of its work."""
