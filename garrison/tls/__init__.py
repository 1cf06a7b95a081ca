"""The fleet's certificate authority and the leaf certificates it signs."""
