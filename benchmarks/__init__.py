"""Benchmarks: our build beside plain loops and other programs, on the same letter, in one run."""
