"""Mutation tests of the code that guards access, quotas, retention and facts: `python -m tests.mutation`."""
