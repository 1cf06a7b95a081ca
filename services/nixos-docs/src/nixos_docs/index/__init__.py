"""One SQLite file a pack: written once, then only read."""
