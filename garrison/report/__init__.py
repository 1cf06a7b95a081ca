"""What was found out about controls, told to people and to machines: data in, text out."""
