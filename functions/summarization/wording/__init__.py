"""The wording of summaries: words and their kinds, disfluencies removed, case restored."""
