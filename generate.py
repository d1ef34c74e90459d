"""The command line of the letters toolkit: python generate.py COMMAND."""

from letters.cli import main

if __name__ == "__main__":
    main()
