"""Released summarizer artifacts: model cards, manifest entries, report."""
