"""The pages, one module each, rendered on the server from templates in `web/`; `routes` includes them all."""
