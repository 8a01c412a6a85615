"""Encrypted calls with linphonec over TLS, both directions."""

import pytest

from lib import matrix
from test_security_linphone import check

pytestmark = pytest.mark.needs("linphonec")

COVER = [
    ("none", "require", "tls"),
    ("zrtp", "off", "tls"),
    ("zrtp", "prefer", "tls"),
]


@pytest.mark.parametrize("cell", matrix.table(COVER, ("tls",)),
                         ids=matrix.name)
def test_calls(phone, linphone, voices, box, registrar, cell):
    check(phone, linphone, voices, box, registrar, cell)
