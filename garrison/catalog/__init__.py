"""The catalog: what runs, read from one folder a service, checked before anything is rendered."""
