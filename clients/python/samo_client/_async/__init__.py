"""Asynchronous: each module here is also made blocking, in _sync."""
