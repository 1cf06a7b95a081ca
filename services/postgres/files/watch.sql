-- One who only measures: a role that owns nothing, can't log in and has no database; it may read what pg_monitor may.
-- Run on every start, so it asks before it makes. The caller sets "role".

SELECT format('CREATE ROLE %I', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec

ALTER ROLE :"role" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD NULL;
GRANT pg_monitor TO :"role";
GRANT CONNECT ON DATABASE postgres TO :"role";
