"""Texts the lab gives to ip, nft, systemd-nspawn, mmdebstrap and ssh."""

from ipaddress import IPv4Network
from pathlib import Path

from garrison.lab import access, furnish, links, nspawn
from garrison.lab.apt import Mirrors
from garrison.lab.names import LabNames
from garrison.lab.places import Places
from garrison.lab.recipe import Recipe, build_argv
from garrison.lab.ruleset import render_ruleset
from garrison.lab.state import LabState

NAMES = LabNames(lab_id="0123abcd")
MIRRORS = Mirrors(main="http://mirror.example/debian", security=None, options=('Acquire::http::Proxy "p"',))


def test_the_ruleset_lets_the_lab_out_and_only_answers_in() -> None:
    text = render_ruleset(NAMES.table, NAMES.bridge, IPv4Network("10.99.7.0/24"), "eth0")
    assert 'iifname "gl0123abcd" accept' in text
    assert 'oifname "gl0123abcd" drop' in text
    assert 'ip saddr 10.99.7.0/24 oifname "eth0" masquerade' in text


def test_the_ruleset_replaces_its_table_and_touches_no_other() -> None:
    text = render_ruleset(NAMES.table, NAMES.bridge, IPv4Network("10.99.7.0/24"), "eth0")
    assert text.splitlines()[1] == "delete table inet garrison_0123abcd"
    assert all("garrison_0123abcd" in line for line in text.splitlines() if "table" in line)


def test_the_bridge_has_the_outer_machines_addresses(state: LabState) -> None:
    text = links.bridge_batch(NAMES.bridge, 1400, state.subnet, state.prefix6)
    assert "addr add 10.99.7.1/24 dev gl0123abcd" in text
    assert "addr add fd00:7::1/64 dev gl0123abcd nodad" in text


def test_a_cable_has_the_uplinks_mtu_at_both_ends() -> None:
    text = links.cable_batch(bridge="b", veth="v", machine="m", mac=NAMES.mac(0), mtu=1400)
    assert text.count("mtu 1400") == 2


def test_a_host_gets_both_addresses_and_an_ipv4_way_out(state: LabState) -> None:
    text = links.address_batch(state.subnet, state.prefix6, state.ipv4("lab"), state.ipv6("lab"))
    assert "addr add 10.99.7.10/24" in text
    assert "addr add fd00:7::a/64" in text
    assert "route add default via 10.99.7.1" in text


def test_the_boot_command_names_namespace_root_and_image_cache() -> None:
    argv = nspawn.boot_argv(
        machine="garrison-x-lab",
        hostname="lab",
        netns=Path("/run/netns/n"),
        root=Path("/r"),
        images=Path("/i"),
    )
    assert argv[0] == "systemd-nspawn"
    assert {"--network-namespace-path=/run/netns/n", "--directory=/r", "--keep-unit"} <= set(argv)
    assert "--bind=/i:/var/cache/garrison/images" in argv


def test_a_recipes_digest_follows_its_content_not_its_order() -> None:
    recipe = Recipe(architecture="amd64", packages=("a", "b"))
    assert recipe.digest == Recipe(architecture="amd64", packages=("b", "a")).digest
    assert recipe.digest != Recipe(architecture="amd64", packages=("a",)).digest
    assert recipe.digest != Recipe(architecture="arm64", packages=("a", "b")).digest


def test_the_build_uses_this_machines_mirror_and_proxy() -> None:
    argv = build_argv(Recipe(architecture="amd64"), Path("/t.tar"), MIRRORS.main, MIRRORS.options)
    assert argv[-3:] == ["trixie", "/t.tar", "http://mirror.example/debian"]
    assert '--aptopt=Acquire::http::Proxy "p"' in argv


def test_podman_is_left_for_the_deploy_to_install() -> None:
    assert "podman" not in Recipe(architecture="amd64").packages


def test_a_host_knows_itself_first_and_its_neighbours(state: LabState) -> None:
    lines = furnish.render_hosts(state, "registry").splitlines()
    assert lines[2] == "10.99.7.12 registry.garrison.test registry"
    assert "fd00:7::a lab.garrison.test lab" in lines


def test_known_hosts_covers_each_name_a_host_is_called_by(state: LabState) -> None:
    text = access.render_known_hosts(state, {"lab": ["ssh-ed25519 AAAA"]})
    assert text == "10.99.7.10,fd00:7::a,lab.garrison.test ssh-ed25519 AAAA\n"


def test_ssh_trusts_the_labs_own_keys_only(places: Places) -> None:
    argv = access.ssh_argv(places, "10.99.7.10", ["uptime"])
    assert "StrictHostKeyChecking=yes" in argv
    assert f'UserKnownHostsFile="{places.known_hosts}"' in argv
    assert argv[-2:] == ["ops@10.99.7.10", "uptime"]


def test_a_host_lets_its_user_in_by_key_alone(state: LabState) -> None:
    furniture = furnish.Furniture(
        host="lab", state=state, public_key="k", resolv_conf="r\n", mirrors=MIRRORS, certificates=()
    )
    files = {file.path: file for file in furnish.files_for_host(furniture, "0" * 32)}
    assert "PasswordAuthentication no" in files["etc/ssh/sshd_config.d/10-lab.conf"].text
    assert files["etc/sudoers.d/ops"].mode == 0o440
    assert "var/lib/systemd/linger/ops" in files
    assert files["etc/apt/apt.conf.d/90lab"].text == 'Acquire::http::Proxy "p";\n'
