"""Where settings and secrets come from, and how their faults are told."""

import os
from pathlib import Path
from typing import Annotated, Any

import pytest
from garrison_kit import settings
from garrison_kit.settings import FromSecret, SettingsError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr


def split(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


class Limits(BaseModel):
    rate: float = 1.0


class Demo(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    port: Annotated[int, Field(ge=1)] = 1
    hosts: tuple[str, ...] = ()
    words: Annotated[frozenset[str], BeforeValidator(split)] = frozenset()
    limits: Limits = Limits()
    secrets_dir: Path = Path("/nowhere")


class Secretive(Demo):
    password: Annotated[SecretStr, FromSecret("demo_password")]
    remote_key: Annotated[SecretStr | None, FromSecret("demo_remote_key")] = None


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    (tmp_path / "demo_password").write_text("hush\n")
    return tmp_path


def load(environ: dict[str, str], model: type[BaseModel] = Demo) -> Any:
    return settings.load(model, "DEMO_", environ)


def faults(environ: dict[str, str], model: type[BaseModel] = Demo) -> str:
    with pytest.raises(SettingsError) as refused:
        load(environ, model)
    return str(refused.value)


def test_what_is_not_given_has_its_default() -> None:
    assert load({"OTHER_PORT": "9"}) == Demo()


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("DEMO_PORT", "7", "port", 7),
        ("DEMO_HOSTS", '["a", "b"]', "hosts", ("a", "b")),
        ("DEMO_WORDS", "a,b", "words", frozenset("ab")),
        ("DEMO_WORDS", '["a"]', "words", frozenset("a")),
        ("DEMO_LIMITS", '{"rate": 5}', "limits", Limits(rate=5)),
    ],
)
def test_values_have_the_fields_type(name: str, value: str, field: str, expected: object) -> None:
    assert getattr(load({name: value}), field) == expected


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"DEMO_PROT": "1"}, "DEMO_PROT: unknown setting, did you mean DEMO_PORT?"),
        ({"DEMO_": "1"}, "DEMO_: unknown setting, did you mean DEMO_PORT?"),
        ({"DEMO_QQQQQQ": "1"}, "DEMO_QQQQQQ: unknown setting"),
        ({"DEMO_port": "1"}, "DEMO_port: unknown setting"),
        ({"DEMO_PORT": "0"}, "DEMO_PORT: Input should be greater than or equal to 1"),
        ({"DEMO_HOSTS": "a,b"}, "DEMO_HOSTS: Input should be a valid tuple"),
        ({"DEMO_LIMITS": '{"rate": "hush"}'}, "DEMO_LIMITS_RATE: Input should be a valid number"),
    ],
)
def test_a_fault_is_named_with_its_remedy(environ: dict[str, str], told: str) -> None:
    assert faults(environ).startswith(told)


@given(st.dictionaries(st.sampled_from(["DEMO_PORT", "DEMO_HOSTS", "DEMO_WORT", "DEMO_LIMITS"]), st.text()))
def test_no_value_is_ever_shown(environ: dict[str, str]) -> None:
    marked = {name: f"hush{value}hush" for name, value in environ.items()}
    if marked:
        assert "hush" not in faults(marked)


def test_a_secret_comes_from_its_file_and_shows_in_no_repr(secrets: Path) -> None:
    loaded = load({"DEMO_SECRETS_DIR": str(secrets)}, Secretive)
    assert loaded.password.get_secret_value() == "hush"
    assert loaded.remote_key is None
    assert "hush" not in f"{loaded!r}{loaded}{loaded.model_dump_json()}"


def test_an_optional_secret_is_read_where_there_is_one(secrets: Path) -> None:
    (secrets / "demo_remote_key").write_text("more")
    loaded = load({"DEMO_SECRETS_DIR": str(secrets)}, Secretive)
    assert loaded.remote_key.get_secret_value() == "more"


def test_a_folder_that_is_given_goes_before_the_models(secrets: Path) -> None:
    assert settings.load(Secretive, "DEMO_", {}, secrets).password.get_secret_value() == "hush"


def test_a_secret_in_the_environment_is_refused_even_beside_its_file(secrets: Path) -> None:
    told = faults({"DEMO_SECRETS_DIR": str(secrets), "DEMO_PASSWORD": "leak"}, Secretive)
    assert told == (
        "DEMO_PASSWORD: a secret is not taken from the environment; it comes from the file demo_password"
    )


def test_a_missing_secret_and_other_faults_are_named_together_and_once(tmp_path: Path) -> None:
    told = faults({"DEMO_SECRETS_DIR": str(tmp_path), "DEMO_PORT": "x", "DEMO_PROT": "1"}, Secretive)
    assert told.split("; ")[0].startswith("DEMO_PROT: unknown setting")
    assert told.count("demo_password") == 1
    assert "DEMO_PORT: Input should be a valid integer" in told


def test_a_secret_that_would_show_in_a_repr_is_a_mistake_of_the_program() -> None:
    class Careless(BaseModel):
        password: Annotated[str, FromSecret("demo_password")]

    with pytest.raises(TypeError, match="make it a SecretStr"):
        load({}, Careless)


def test_the_processs_own_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "DEMO_PORT", "8")
    assert settings.load(Demo, "DEMO_").port == 8
