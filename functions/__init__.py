"""SAMO: a voice note in, an insight out. One package a capability; `shared` is what they have in common."""
