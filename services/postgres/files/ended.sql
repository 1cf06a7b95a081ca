-- The logins of a consumer whose password has ended go, with their sessions. "kept" are those that stay, by commas.

CREATE TEMPORARY TABLE ended AS
SELECT member::regrole::text AS login FROM pg_auth_members
 WHERE roleid = :'role'::regrole AND member::regrole::text <> ALL (string_to_array(:'kept', ','));

SELECT format('ALTER ROLE %I NOLOGIN', login) FROM ended \gexec
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE usename IN (SELECT login FROM ended);
-- What one of them made after a RESET ROLE is the consumer's all the same.
SELECT format('REASSIGN OWNED BY %I TO %I', login, :'role') FROM ended \gexec
SELECT format('DROP OWNED BY %I', login) FROM ended \gexec
SELECT format('DROP ROLE %I', login) FROM ended \gexec
