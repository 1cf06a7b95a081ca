#!/bin/sh
# Grafana takes the admin's password from its configuration only when it makes its database. Here the secret is the
# password at each start, so a changed secret and a new container are enough.
set -eu
config=/etc/garrison/grafana.ini
home=/usr/share/grafana
PATH=$home/bin:$PATH

if [ -s /var/lib/grafana/grafana.db ]; then
    # By standard input: it is in no argument and in no environment.
    grafana cli --homepath "$home" --config "$config" admin reset-admin-password --password-from-stdin \
        < /run/secrets/grafana_admin_password > /tmp/reset.log 2>&1 || { cat /tmp/reset.log >&2; exit 1; }
fi
exec grafana server --homepath "$home" --config "$config" --packaging docker
