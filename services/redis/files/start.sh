#!/bin/sh
# Writes the access list from the proofs, then becomes the server.
set -eu
/etc/garrison/admit.sh
exec redis-server /etc/garrison/redis.conf
