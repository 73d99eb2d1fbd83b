# Written by `python -m clients.generate` from the module of this name in _async.
"""Blocking: each module here is also made blocking, in _sync."""
