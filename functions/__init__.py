"""SAMO: a voice note in, an insight out. One package per capability; `shared` holds what they have in common."""

import sys

# A wheel installs this package as `samo`, since nobody may claim the name `functions` in a shared environment;
# its modules keep importing each other as `functions`, which is what the folder is called here.
sys.modules["functions"] = sys.modules[__name__]
