"""All tests of Garrison."""
