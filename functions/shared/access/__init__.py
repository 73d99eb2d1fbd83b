"""Access control: identity, API keys, accounts, authorization and quotas."""
