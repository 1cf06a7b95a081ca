"""Compares conditions with what was seen: what does not hold comes out, and nothing when all does."""
