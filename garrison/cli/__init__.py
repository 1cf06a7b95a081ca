"""The garrison command."""
