"""Records that the stages hand to each other, problems and exit codes; imports nothing else of ours."""
