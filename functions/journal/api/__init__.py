"""The journal's HTTP API, one module per resource."""
