"""HTML report of a run: figures, curves and tables from the files in its folder."""
