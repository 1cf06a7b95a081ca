"""Pages about the services, made from the catalog: ``python -m garrison.docs`` writes them, a test compares them."""
