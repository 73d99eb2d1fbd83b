"""From data to artifact: load, train, calibrate, export, quantise, evaluate, report and package.

Never installed: it runs from a checkout, with the project's ``build`` extra.
"""
