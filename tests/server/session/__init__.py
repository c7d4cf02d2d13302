"""One connection, as the house knows it."""
