"""Reads finished letters and proves that each says what it was meant to say, and nothing else."""
