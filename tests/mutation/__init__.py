"""Mutation testing of access control, leases, retention, faithfulness and search: `python -m tests.mutation`."""
