"""The pages: one module a page, each rendered on the server from a template in `web/`; `routes` gathers them."""
