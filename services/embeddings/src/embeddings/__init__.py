"""The embeddings service: texts in, unit vectors of all-MiniLM-L6-v2 out."""

__version__ = "0.1.0"
