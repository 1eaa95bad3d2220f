"""How long a sink asks to wait."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from copilot.adapters.sinks.waiting import limit_lifted


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, 30),
        ({"retry-after": "Wed, 21 Oct 2026 07:27:00 GMT"}, 0),
        ({"retry-after": "Thu, 22 Oct 2026 07:28:00 GMT"}, 86_400),
        ({"x-ratelimit-reset": "1792567690"}, 10),
        ({"ratelimit-reset": "42"}, 42),
        ({"retry-after": "7", "x-ratelimit-reset": "1792567690"}, 7),
        ({"retry-after": "soon", "ratelimit-reset": "42"}, 42),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "999999999999"}, 86_400),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, 86_400),
        ({"x-ratelimit-reset": "999999999999"}, 86_400),
        ({"x-ratelimit-reset": "2026-10-21T07:30Z"}, 120),
        ({"x-ratelimit-reset": "2026-10-21T09:29:00+02:00"}, 60),
        ({"x-ratelimit-reset": "Thu, later"}, None),
        ({"x-ratelimit-reset": "2026-10-21T7"}, None),
        ({"x-ratelimit-reset": "1792567690", "x-ratelimit-remaining": "0"}, 10),
        ({"x-ratelimit-reset": "1792567690", "x-ratelimit-remaining": "4000"}, None),
    ],
)
def test_how_long_to_wait_is_read_by_the_servers_clock(
    headers: dict[str, str], seconds: float | None
) -> None:
    date = formatdate(1792567680, usegmt=True)
    assert date == "Wed, 21 Oct 2026 07:28:00 GMT"
    assert limit_lifted({**headers, "date": date}) == seconds
