"""Reading: files of the user become records and problems; nothing stops at the first mistake."""
