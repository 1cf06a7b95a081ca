#!/bin/bash
# Ready = the port that consumers use accepts connections, and a query is answered.
# While start.sh still makes roles, neither is true: that server has no port and another socket.
set -eu
export PATH=/usr/lib/postgresql/17/bin:$PATH
pg_isready --quiet --host=127.0.0.1 --timeout=3
answer=$(PGCONNECT_TIMEOUT=3 psql --no-psqlrc --quiet --tuples-only --no-align \
    --host=/tmp/socket --username=postgres --dbname=postgres --command='SELECT 1')
[ "$answer" = 1 ]
