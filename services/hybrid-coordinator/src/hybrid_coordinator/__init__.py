"""Gives agents what the stack has learnt: augmented queries, sessions, feedback, interactions, patterns, routing."""
