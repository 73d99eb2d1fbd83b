"""The summarizers: the extractive engine's weights, and the abstractive model SAMO-small."""
