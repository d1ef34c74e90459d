"""The mailing: finished letters become something to print, sign, fold and post."""
