#!/bin/sh
make-user api /run/secrets/store_api_password
make-user jobs /run/secrets/store_jobs_password
exec store --port 5432 --home /srv/garrison
