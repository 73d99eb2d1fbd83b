"""What other systems call or receive: uploads, imports, dead letters, webhooks."""
