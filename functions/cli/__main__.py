"""Runs `python -m functions.cli`."""

from functions.cli import main

if __name__ == "__main__":
    main(prog_name="samo")
