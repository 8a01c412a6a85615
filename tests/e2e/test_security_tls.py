"""Encrypted calls with linphonec over TLS, both directions."""

import pytest

from test_security_linphone import check

pytestmark = pytest.mark.needs("linphonec")

CELLS = [
    ("srtp", True, "require", "tls", ("sdes", "hop"), ("sdes", "hop")),
    ("srtp", False, "off", "tls", ("none", "plain"), ("sdes", "hop")),
    ("zrtp", True, "e2e", "tls", ("zrtp", "e2e"), ("zrtp", "e2e")),
]


@pytest.mark.parametrize("cell", CELLS, ids=lambda c: f"{c[0]}-{c[2]}")
def test_calls(phone, linphone, voices, box, registrar, cell):
    check(phone, linphone, voices, box, registrar(), cell)
