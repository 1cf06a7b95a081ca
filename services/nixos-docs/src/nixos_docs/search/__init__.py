"""Answers questions from the indexes; all of it runs in threads of its own."""
