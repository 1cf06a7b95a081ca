-- One way in for a consumer: a login named for its password, which acts as the consumer's role and owns nothing.
-- The caller sets "role", "login", "connections" and "id" (of the line in the file of proofs).

SELECT format('CREATE ROLE %I', :'login')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'login') \gexec

-- psql reads the proof itself: it is in no argument and in no environment.
\setenv ID :id
\setenv CONSUMER :consumer
\set proof `awk '$1 == ENVIRON["CONSUMER"] && $2 == ENVIRON["ID"] { printf "%s", $3 }' /run/clients/proofs`
ALTER ROLE :"login" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    CONNECTION LIMIT :connections PASSWORD :'proof';
\unset proof
GRANT :"role" TO :"login";
ALTER ROLE :"login" SET role = :'role';
