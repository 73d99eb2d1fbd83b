"""One HTML page about a run: figures, curves and tables, from what lies in its folder."""
