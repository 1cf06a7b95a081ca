"""A stand-in for the Qdrant server: the part of its REST API that Garrison uses, over Qdrant's engine in process."""

from importlib.metadata import version

# The release whose behaviour this follows; clients compare it with their own.
VERSION = "1.19.2"
ENGINE = version("qdrant-edge-py")
TITLE = f"qdrant - stand-in of Garrison's lab over qdrant-edge-py {ENGINE}"
