"""The domain: entries, records, events, and the pure functions that change them."""
