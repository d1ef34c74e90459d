"""Compiling: one letter becomes one tree, and the tree becomes the templates of both media."""
