"""The whole chain under fire: `python -m tests.faults --entries 1000 --seed 1`."""
