"""Drafts: DOCX files that people edit, read safely, compared, merged, and made into PDFs."""
