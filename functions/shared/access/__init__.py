"""Who may call what, and how often: identity, API keys, accounts, authorization and quotas."""
