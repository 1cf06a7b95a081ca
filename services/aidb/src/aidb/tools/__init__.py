"""A registry of tools: what they are called, what they take and where they are; nothing is run here."""
