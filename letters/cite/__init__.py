"""Citations: found in the texts of a letter, compared with the authorities, listed on a sheet for the cite-check."""
