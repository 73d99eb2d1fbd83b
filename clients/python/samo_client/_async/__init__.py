"""The asynchronous client, from which the blocking one in _sync is generated."""
