"""The words of a letter in Word: the letter itself as a DOCX that counsel edits, and its way back to the Markdown."""
