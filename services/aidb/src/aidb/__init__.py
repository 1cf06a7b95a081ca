"""Documents and vector search over PostgreSQL with pgvector."""
