"""Makes smaller versions of the trained student and selects the one that ships."""
