"""Secrets are made once, from random bytes, and seen by nobody."""

import re


def test_missing_secrets_are_made_and_named(host):
    done = host.run("make-secrets", "redis_key", "aidb_key", "redis_key")
    assert (done.returncode, done.stdout) == (0, "redis_key\naidb_key\n")
    assert re.fullmatch("[0-9a-f]{64}", host.secret("redis_key"))
    assert host.secret("redis_key") != host.secret("aidb_key")


def test_a_secret_that_exists_is_left_alone(host):
    host.add_secret("redis_key", "old")
    assert host.run("make-secrets", "redis_key").stdout == ""
    assert host.secret("redis_key") == "old"


def test_a_secret_is_in_no_argument(host):
    host.run("make-secrets", "redis_key")
    assert host.secret("redis_key") not in host.argv


def test_a_name_that_no_catalog_has_is_refused(host):
    done = host.run("make-secrets", "redis_key", "--label=x;rm")
    assert done.returncode != 0
    assert not (host.lib / "secrets").exists()


def test_only_what_lets_services_ask_one_another_is_labelled_a_credential(host):
    host.run("make-secrets", "grafana_admin_password")
    assert "garrison.credential" not in host.argv
    host.run("make-secrets", "--credentials", "redis_key")
    made = next(line for line in host.argv.splitlines() if "secret create" in line and "redis_key" in line)
    assert "--label garrison=1 --label garrison.credential=1" in made
