"""What to do: wanted release and what is on the host in, an ordered list of steps out. Pure."""
