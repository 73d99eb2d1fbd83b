"""The journal's interfaces to other systems: upload notifications, imports, dead letters, webhooks."""
