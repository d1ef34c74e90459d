"""DOCX files: opened with limits, read as text or as the letter tree, and judged."""
