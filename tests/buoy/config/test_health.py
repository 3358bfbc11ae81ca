"""The programs that watch an installation get a plain answer."""

import pytest
from django.test import Client


def test_a_living_process_says_so_without_a_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok"


@pytest.mark.django_db
def test_a_process_with_a_database_is_ready(client: Client) -> None:
    assert client.get("/readyz").status_code == 200
