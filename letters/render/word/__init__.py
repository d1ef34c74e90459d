"""DOCX: docxtpl makes a letter of each shape, and letters of one shape are filled in from it."""
