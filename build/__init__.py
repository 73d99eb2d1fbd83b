"""Training and evaluation: load data, train, calibrate, export, quantize, evaluate, report and package.

Never installed: it runs from a checkout, with the project's ``build`` extra.
"""
