"""What every service of the stack does the same way, free of any web framework but for two thin adapters."""
