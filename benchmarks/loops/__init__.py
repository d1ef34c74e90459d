"""What a user would write without this toolkit: one short script for each program, run in a process of its own."""
