"""Gets a pack from upstream, within bounds, and believes nothing before it is verified."""
