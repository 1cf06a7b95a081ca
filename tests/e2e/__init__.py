"""End to end: what a user does, on a deployed lab host, with real documents and a real model."""
