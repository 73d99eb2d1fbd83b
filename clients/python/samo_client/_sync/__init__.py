# Written by `python -m clients.generate` from the module of this name in _async.
"""The asynchronous client, from which the blocking one in _sync is generated."""
