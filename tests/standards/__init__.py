"""What the standards' own tools, OpenSCAP and Lynis, say of a host before and after it is hardened."""
