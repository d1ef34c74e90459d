"""Doors to file formats and programs: what reads and writes them, and nothing else."""
