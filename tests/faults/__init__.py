"""Fault injection against the whole system: `python -m tests.faults --entries 1000 --seed 1`."""
