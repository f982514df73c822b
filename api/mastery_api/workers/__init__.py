"""Worker processes that compute answers, and the fair queue in front of them."""
