"""Release of the journal reader: model card, manifest entry, report."""
