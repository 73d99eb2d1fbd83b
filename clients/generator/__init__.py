"""From the OpenAPI document to the types of the clients."""
