"""One connection, as the server knows it."""
