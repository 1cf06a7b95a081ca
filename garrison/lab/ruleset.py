"""The lab's firewall table on the outer machine, as text for nft."""

from ipaddress import IPv4Network

_RULESET = """\
table inet {table} {{}}
delete table inet {table}
table inet {table} {{
    chain forward {{
        type filter hook forward priority filter; policy accept;
        iifname "{bridge}" accept
        oifname "{bridge}" ct state established,related accept
        oifname "{bridge}" drop
    }}
    chain postrouting {{
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr {subnet} oifname "{uplink}" masquerade
    }}
}}
"""


def render_ruleset(table: str, bridge: str, subnet: IPv4Network, uplink: str) -> str:
    """Return the rules that let the lab out by ``uplink`` and nobody beyond this machine in.

    The table is emptied and filled in one transaction, so loading it twice is loading it once.
    """
    return _RULESET.format(table=table, bridge=bridge, subnet=subnet, uplink=uplink)
