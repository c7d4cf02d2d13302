"""Doors: what comes in as bytes, what goes out as bytes, and who may come in at all."""
