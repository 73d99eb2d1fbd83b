"""SAMO turns voice notes into insights. One package per capability; `shared` holds what they share."""

import sys

# A wheel installs this package as `samo`, because `functions` could clash with another package. Its modules
# still import each other as `functions`, the name of the folder.
sys.modules["functions"] = sys.modules[__name__]
