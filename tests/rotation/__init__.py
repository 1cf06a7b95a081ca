"""Keys and secrets that change on a live host, under a load that counts every failed request."""
