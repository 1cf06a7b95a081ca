"""What every service says, as lines of one schema, wherever they were written and in whatever shape."""
