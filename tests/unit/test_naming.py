"""How a person's name is split for systems that keep two parts."""

from __future__ import annotations

import pytest

from copilot.adapters.sinks.naming import joined_name, split_name


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ana Ruiz", ("Ana", "Ruiz")),
        ("Jan van der Berg", ("Jan", "van der Berg")),
        ("von Trapp", ("", "von Trapp")),
        ("Al Gore", ("Al", "Gore")),
        ("Cher", ("", "Cher")),
        ("", ("", "")),
        ("María del Carmen Ruiz", ("María del Carmen", "Ruiz")),
        ("Ana García y López", ("Ana", "García y López")),
        ("y López", ("", "y López")),
    ],
)
def test_a_name_is_split_before_its_family_name(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts
    assert joined_name(*parts) == name


def test_a_comma_tells_the_family_name() -> None:
    assert split_name("García Márquez, Gabriel") == ("Gabriel", "García Márquez")
