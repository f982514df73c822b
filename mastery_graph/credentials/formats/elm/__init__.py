"""The European Learning Model in a W3C Verifiable Credential, as JSON-LD."""
