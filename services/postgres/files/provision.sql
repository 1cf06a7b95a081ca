-- One consumer: a role that may do nothing but log in, a database of the same name, pgvector in it.
-- Run on every start, so it asks before it makes. The caller sets "role", "connections" and "secret" (a path).

SELECT format('CREATE ROLE %I LOGIN', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec

-- psql reads the secret's file itself: the password is in no argument and in no environment.
\set password `cat :'secret'`
ALTER ROLE :"role" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    CONNECTION LIMIT :connections PASSWORD :'password';
\unset password

SELECT format('CREATE DATABASE %I OWNER %I', :'role', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'role') \gexec
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;

\connect :"role"
CREATE EXTENSION IF NOT EXISTS vector;
ALTER EXTENSION vector UPDATE;
