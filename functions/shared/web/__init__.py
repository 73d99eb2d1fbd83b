"""HTTP: routing, validation, OpenAPI, CORS, health and function targets."""
