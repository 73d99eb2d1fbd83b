"""Mutation tests of access control, leases, retention and other critical code: `python -m tests.mutation`."""
