-- One consumer: a role that owns and can't log in, a database of the same name, pgvector in it.
-- Run on every start, so it asks before it makes. The caller sets "role".

SELECT format('CREATE ROLE %I', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec

ALTER ROLE :"role" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD NULL;

SELECT format('CREATE DATABASE %I OWNER %I', :'role', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'role') \gexec
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;

\connect :"role"
CREATE EXTENSION IF NOT EXISTS vector;
ALTER EXTENSION vector UPDATE;
