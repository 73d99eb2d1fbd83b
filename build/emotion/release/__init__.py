"""The released emotion artifact: configuration, model card, manifest entry."""
