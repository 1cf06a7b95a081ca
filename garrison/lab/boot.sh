#!/bin/sh
# Boots a lab host, and boots it again whenever it leaves with 133, systemd-nspawn's word for "reboot".
# usage: boot.sh NETNS UNIFIED_CGROUP NAMED_CGROUP COMMAND...    (an absent hierarchy is given as '')
set -u

# Writing 0 moves the writer itself, so this works in a subshell too, where $$ is its parent.
join() {
    for group in "$unified" "$named"; do
        [ -z "$group" ] || echo 0 >"$group/$1/cgroup.procs" || return 1
    done
}

main() {
    netns=$1 unified=$2 named=$3
    shift 3
    cd / && join loop || exit 1
    while :; do
        # The namespace outlives a reboot; a real machine's firewall does not.
        ip netns exec "$netns" nft flush ruleset
        (join machine && exec "$@")
        code=$?
        [ "$code" -eq 133 ] || exit "$code"
    done
}

# A function is read whole before it runs, so editing this file leaves running hosts alone.
main "$@"
