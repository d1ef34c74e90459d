"""Building: what is missing or out of date, and the jobs that make it."""
