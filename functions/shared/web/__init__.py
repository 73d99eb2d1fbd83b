"""HTTP for every service: routes, validation, problem details, OpenAPI, CORS, uploads and entry points."""
