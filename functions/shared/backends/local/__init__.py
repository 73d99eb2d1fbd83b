"""The ports on a laptop: SQLite and a folder."""
