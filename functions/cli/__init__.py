"""`samo`: the journal on this machine, and each capability by itself.

Exit codes: 0 done; 1 unexpected; 2 usage or configuration; 3 an input was refused or failed;
4 a model file is missing or wrong; 130 interrupted.
"""

from functions.cli.root import main

__all__ = ["main"]
