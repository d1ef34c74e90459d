"""Turns a list of recipients and one letter into hundreds of personal letters, PDF and DOCX."""

__version__ = "0.1.0"
