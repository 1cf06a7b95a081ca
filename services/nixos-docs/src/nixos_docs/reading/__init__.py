"""Turns the files of a pack into pages and their sections."""
