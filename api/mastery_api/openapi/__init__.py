"""The OpenAPI document: every response of every route, success and problem, with its schema and an example."""
