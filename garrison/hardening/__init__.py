"""What the controls' conditions make of a host: files and steps, from data to data."""
