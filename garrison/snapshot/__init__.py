"""What is on a host: the program that looks, and the record it fills."""
