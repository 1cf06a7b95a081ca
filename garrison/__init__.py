"""Turns a bare Linux machine into a hardened host for a private AI stack, and proves what it did."""
