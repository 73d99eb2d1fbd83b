"""Who may call: identity, API keys, accounts, scopes and quotas."""
