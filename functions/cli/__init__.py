"""The `samo` command: the journal on this machine, and each capability on its own.

Exit codes: 0 success; 1 unexpected error; 2 usage or configuration error; 3 an input was refused or failed;
4 a model file is missing or does not match the manifest; 130 interrupted.
"""

from functions.cli.root import main

__all__ = ["main"]
