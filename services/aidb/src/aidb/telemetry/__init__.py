"""What was asked when, by whom and how long it took: recorded on the side, summed up on request."""
