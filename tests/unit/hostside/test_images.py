"""Images: where the base's packages come from, what a build is told, and the cache."""

import base64

import pytest

TARGETS = """\
Debian|http://mirror.example/debian/|trixie
Debian|http://mirror.example/debian/|trixie
Debian|http://mirror.example/debian/|trixie-updates
Debian|http://mirror.example/debian-security/|trixie-security
Debian Backports|http://mirror.example/debian/|trixie-backports
Debian|http://mirror.example/debian/|sid
Docker|https://other.example/linux/debian/|trixie
|https://other.example/|trixie
"""
DUMP = """\
Acquire "";
Acquire::http::Proxy "http://proxy.example:3128";
Acquire::https::Proxy::mirror.example "DIRECT";
Acquire::https::CaInfo "/etc/ssl/corp.pem";
Acquire::https::Verify-Peer "true";
Acquire::http::Proxy-Auto-Detect "/usr/bin/x";
"""
KEYRING = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"


def test_only_debians_own_archives_serve_the_base(load):
    assert load("make-base").debian_sources(TARGETS, "trixie", "trixie", ["main"]) == [
        f"deb {KEYRING} http://mirror.example/debian/ trixie main",
        f"deb {KEYRING} http://mirror.example/debian/ trixie-updates main",
        f"deb {KEYRING} http://mirror.example/debian-security/ trixie-security main",
    ]


def test_a_host_of_another_release_gives_its_mirror_only(load):
    targets = "Debian|http://mirror.example/debian/|bookworm-updates\n"
    assert load("make-base").debian_sources(targets, "bookworm", "trixie", ["main", "contrib"]) == [
        f"deb {KEYRING} http://mirror.example/debian/ trixie-updates main contrib"
    ]


def test_the_way_out_of_apt_is_taken_over_and_nothing_else(load):
    assert load("make-base").proxy_options(DUMP) == DUMP.splitlines()[1:4]


def test_a_proxy_is_told_by_a_file_that_only_root_reads(load, tmp_path):
    recipe = {"variant": "minbase", "include": ["a"], "apt": ['X "1";'], "dpkg": ["path-exclude=/x"]}
    words = list(load("make-base").options(recipe, DUMP.splitlines()[1:2], tmp_path))
    assert words == [
        "--variant=minbase",
        "--include=a",
        f"--aptopt={tmp_path}/apt.conf",
        "--dpkgopt=path-exclude=/x",
    ]
    assert (
        tmp_path / "apt.conf"
    ).read_text() == 'X "1";\nAcquire::http::Proxy "http://proxy.example:3128";\n'
    assert (tmp_path / "apt.conf").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "name"),
    [("ID=debian\nVERSION_CODENAME=trixie\n", "trixie"), ('VERSION_CODENAME="a"', "a"), ("", "")],
)
def test_the_code_name_is_read_from_os_release(load, text, name):
    assert load("make-base").codename_of_host(text) == name


def test_a_base_that_is_there_is_not_made_again(host):
    host.run("image-cache", "save", "--ref", "base", "--cache", str(host.lib))
    (host.lib / "images" / "base").touch()
    assert host.run("make-base", "--ref", "base", "--recipe", "{}").returncode == 0


def test_a_recipe_that_is_no_json_is_a_usage_error(host):
    assert host.run("make-base", "--ref", "base", "--recipe", "minbase").returncode == 2


def test_a_build_is_lent_what_the_host_has_and_nothing_is_pulled(load, tmp_path):
    program = load("build-image")
    program.PIP = tmp_path / "pip.conf"
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    fixed = [
        "env",
        "TMPDIR=/c/scratch",
        "podman",
        "build",
        "--pull=never",
        "--label",
        "garrison=1",
        "--build-arg",
        "BASE=b",
    ]
    lent = ["--volume", f"{bundle}:{bundle}:ro"]
    assert program.build_words("r", "b", "/c") == [*fixed, *lent, "--tag", "r", "/c/context"]
    program.PIP.touch()
    lent += ["--volume", f"{program.PIP}:{program.PIP}:ro"]
    assert program.build_words("r", "b", "/c") == [*fixed, *lent, "--tag", "r", "/c/context"]


@pytest.mark.parametrize(("stdin", "what"), [("x", "no base64"), ("aGVsbG8=", "can't be unpacked")])
def test_a_context_that_is_no_archive_is_refused(host, stdin, what):
    (host.lib / "images").mkdir()
    (host.lib / "images" / "base").touch()
    done = host.run("build-image", "--ref", "a", "--base", "base", stdin=stdin)
    assert (done.returncode, what in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_a_build_without_its_base_says_who_makes_it(host):
    done = host.run("build-image", "--ref", "a", "--base", "base", stdin=base64.b64encode(b"x").decode())
    assert (done.returncode, "it makes the base first" in done.stderr) == (1, True)


def cache(host, verb, tmp_path):
    return host.run("image-cache", verb, "--ref", "r/a:1", "--cache", str(tmp_path / "cache"))


def test_what_was_saved_is_loaded(host, tmp_path):
    assert cache(host, "load", tmp_path).returncode == 3
    assert cache(host, "save", tmp_path).returncode == 0
    assert cache(host, "load", tmp_path).returncode == 0
    assert (host.lib / "images" / "r_a:1").exists()


@pytest.mark.parametrize("content", ["", "half an ima", "image another:2\n"])
def test_a_damaged_file_is_named_and_removed(host, tmp_path, content):
    cache(host, "save", tmp_path)
    (file,) = (tmp_path / "cache").iterdir()
    file.write_text(content)
    done = cache(host, "load", tmp_path)
    assert (done.returncode, f"{file} was damaged" in done.stderr) == (3, True)
    assert not file.exists()


def test_a_cache_that_cannot_be_written_is_told_by_its_path(host, tmp_path):
    (tmp_path / "cache").touch()
    done = cache(host, "save", tmp_path)
    assert (done.returncode, str(tmp_path / "cache") in done.stderr) == (1, True)
