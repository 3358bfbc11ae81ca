"""A setting is read, or refused with a sentence that says what to do; none is passed over."""

from pathlib import Path

import pytest

from buoy.core import configuration
from buoy.core.configuration import BadConfiguration, read


def test_without_settings_there_are_defaults(tmp_path: Path) -> None:
    found = read({"BUOY_DATA": str(tmp_path)})
    assert (found.address, found.language, found.database_url) == ("http://127.0.0.1:8000", "en", None)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "buoy.toml").write_text('port = 9000\nlanguage = "pl"\n')
    found = read({"BUOY_DATA": str(tmp_path), "BUOY_PORT": "9100"})
    assert (found.port, found.language) == (9100, "pl")


def test_a_demo_keeps_its_data_apart() -> None:
    real, demo = read({}), read({"BUOY_DEMO": "true"})
    assert demo.data == real.data.with_name("buoy-demo")
    assert read({"BUOY_DEMO": "true", "BUOY_DATA": str(real.data)}).data == real.data


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BUOY_PORT", "many", "BUOY_PORT: found 'many'."),
        ("BUOY_PRT", "9000", "BUOY_PRT: is not a setting. Known are: allowed_hosts"),
        ("BUOY_TIME_ZONE", "Mars", "BUOY_TIME_ZONE: found 'Mars'. Expected the name of a time zone"),
        ("BUOY_SECRET_KEY", "short", "BUOY_SECRET_KEY: found what is not shown here"),
        ("BUOY_OIDC_ISSUER", "http://login.example", "begins with https://"),
        ("BUOY_OIDC_ISSUER", "https://x.example/.well-known/openid-configuration", "and no more"),
        (
            "BUOY_OIDC_ISSUER",
            "https://login.example",
            "oidc_client_id: found ''. Expected the name of this installation",
        ),
        ("BUOY_OIDC_CLIENT_SECRET", "hush", "Expected oidc_issuer to be set too"),
        ("BUOY_EMAIL_URL", "mail.example", "Expected console:, folder:/a/path or smtp://"),
        ("BUOY_STORAGE_URL", "ftp://x", "Expected folder:"),
        ("DATABASE_URL", "mysql://db", "DATABASE_URL: found"),
    ],
)
def test_a_bad_value_is_refused(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        read({"BUOY_DATA": str(tmp_path), name: value})
    assert said in str(caught.value)


@pytest.mark.parametrize("name", sorted(configuration.SECRETS))
def test_a_secret_is_never_shown(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        read({"BUOY_DATA": str(tmp_path), f"BUOY_{name.upper()}": "hush", "BUOY_OIDC_ISSUER": "x"})
    assert "hush" not in str(caught.value)
    fine = {"secret_key": "hush" * 8, "metrics_token": "hush" * 4, "email_url": "smtp://a:hush@mail.example"}
    given = fine | {"oidc_issuer": "https://x.example", "oidc_client_id": "b", "oidc_client_secret": "hush"}
    given |= {"storage_url": "s3://key:hush@host/bucket", "database_url": "postgresql://a:hush@host/db"}
    found = read({"BUOY_DATA": str(tmp_path), **{f"BUOY_{key.upper()}": value for key, value in given.items()}})
    assert "hush" not in repr(found)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration) as caught:
        read({"BUOY_DATA": str(tmp_path), "BUOY_PORT": "0", "BUOY_LANGUAGE": "de"})
    assert len(str(caught.value).splitlines()) == 2


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "buoy.toml").write_text("port 9000")
    with pytest.raises(BadConfiguration, match="cannot be read"):
        read({"BUOY_DATA": str(tmp_path)})


def test_the_secret_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    found = read({"BUOY_DATA": str(tmp_path / "new")})
    key = configuration.secret_key(found)
    assert configuration.secret_key(found) == key
    assert len(key) >= 50
    assert (tmp_path / "new/secret-key").stat().st_mode & 0o077 == 0


def test_the_mail_of_a_demo_stays_in_its_folder_unless_it_is_said_where_to(tmp_path: Path) -> None:
    demo = {"BUOY_DATA": str(tmp_path), "BUOY_DEMO": "true"}
    assert read(demo).mail == f"folder:{tmp_path}/mail"
    assert read({**demo, "BUOY_EMAIL_URL": "smtp://mail.example"}).mail == "smtp://mail.example"
    assert read({"BUOY_DATA": str(tmp_path)}).mail == "console:"
