"""Tests of the programs that are laid onto hosts."""
