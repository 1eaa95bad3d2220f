"""A configured mapping against what a sink says of itself, without a sink to call."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from copilot.actions.fitting import Flaw, flaws
from copilot.actions.mapping import rules
from copilot.adapters.sinks.zendesk import build
from copilot.config.records import SinkSettings
from copilot.extracted import Json
from copilot.handoff import Sink
from copilot.proposals import SinkField
from copilot.schemas import FieldSpec, Schema

SCHEMA = Schema(
    "ticket",
    "1",
    (
        FieldSpec(("title",), "string"),
        FieldSpec(("requester_name",), "string"),
        FieldSpec(("requester_email",), "string"),
        FieldSpec(("product",), "string"),
        FieldSpec(("severity",), "string", choices=("critical", "high", "normal", "low")),
        FieldSpec(("links", "[]"), "string"),
        FieldSpec(("address", "city"), "string"),
    ),
    {},
)
KNOWN = (
    SinkField("subject", "Subject"),
    SinkField("description", "Description", required=True),
    SinkField("priority", "Priority", choices=("low", "normal", "high", "urgent")),
    SinkField("custom_field_360001", "Product", choices=("acme_cloud", "acme_desk")),
    SinkField("status", "Status", writable=False),
    SinkField("tags", "Tags"),
    SinkField("requester_name", "Requester"),
    SinkField("requester_email", "Requester's address"),
)


def settings(**fields: Json) -> SinkSettings:
    return SinkSettings.model_validate(
        {"kind": "zendesk", "url": "https://acme.zendesk.com", "fields": {"ticket": fields}}
    )


def sink(of: SinkSettings) -> Sink:
    return build("zen", of, key_for=lambda name: None)


def found(fields: Mapping[str, Json], known: tuple[SinkField, ...] = KNOWN) -> list[Flaw]:
    chosen = settings(**fields)
    return flaws(SCHEMA, sink(chosen), chosen, known)


def test_the_defaults_of_a_sink_fit_with_its_own_words_for_values() -> None:
    assert found({}) == []
    chosen = settings()
    assert rules("ticket", sink(chosen), chosen)["priority"].values == {"critical": "urgent"}


def test_configured_words_stand_instead_of_the_sinks() -> None:
    chosen = settings(priority={"from": "severity", "values": {"critical": "high"}})
    assert rules("ticket", sink(chosen), chosen)["priority"].values == {"critical": "high"}
    assert flaws(SCHEMA, sink(chosen), chosen, KNOWN) == []


def test_a_field_that_takes_something_else_has_no_words_of_the_sinks() -> None:
    chosen = settings(priority="product")
    assert rules("ticket", sink(chosen), chosen)["priority"].values == {}


def test_an_unknown_field_names_its_nearest_by_name_or_label() -> None:
    (flaw,) = found({"product": "product"})
    assert flaw == Flaw(
        "product",
        "is no field there; near it: custom_field_360001",
        'under [actions.sinks.zen.fields.ticket]: custom_field_360001 = "product", or '
        'product = "" to leave it out',
    )
    (flaw,) = found({"zzzz": "product"})
    assert flaw.detail == "is no field there"
    assert flaw.fix.endswith(': zzzz = "" to leave it out')


def test_a_required_field_that_nothing_fills_is_a_flaw() -> None:
    (flaw,) = found({"description": ""})
    assert (flaw.field, flaw.detail) == ("description", "is required, and nothing fills it")


def test_a_field_that_only_the_sink_writes_is_a_flaw() -> None:
    (flaw,) = found({"status": "title"})
    assert flaw.detail == "can't be written"


def test_a_value_that_the_sink_does_not_offer_is_a_flaw_with_what_it_offers() -> None:
    words = {"critical": "blocker", "normal": "normal"}
    (flaw,) = found({"priority": {"from": "severity", "values": words}})
    assert flaw.detail == "doesn't offer blocker; it offers low, normal, high, urgent"
    assert 'values = { critical = "…" }' in flaw.fix
    assert flaw.certain


def test_a_text_for_a_field_of_choices_is_likely_to_be_rejected() -> None:
    (flaw,) = found({"custom_field_360001": "product"})
    assert not flaw.certain
    assert "acme_cloud, acme_desk" in flaw.detail


@pytest.mark.parametrize("source", ["links", "links[]", "address", "address.city", "@source"])
def test_a_part_of_a_record_may_be_named_in_any_way(source: str) -> None:
    assert found({"tags": source}) == []


def test_a_field_that_the_record_has_not_names_its_nearest() -> None:
    (flaw,) = found({"tags": "requester_mail"})
    assert flaw.detail == "is filled from requester_mail, which ticket has not"
    assert flaw.fix.partition(": ")[2].startswith('tags = "requester_email"')
    (flaw,) = found({"tags": "zzzz"})
    assert flaw.fix.partition(": ")[2].startswith("tags = one of address.city, links[], product")


def test_a_word_for_a_value_that_no_record_has_is_told_with_the_nearest() -> None:
    (flaw,) = found({"tags": {"from": "severity", "values": {"hihg": "now", "low": "later"}}})
    assert flaw.detail == (
        "has a word for hihg, which severity never is; it is critical, high, normal, low"
    )
    assert flaw.fix.endswith('tags = { from = "severity", values = { high = "now" } }')
    assert not flaw.certain
    assert found({"tags": {"from": "product", "values": {"Acme": "acme_cloud"}}}) == []


def test_a_sink_that_tells_of_no_fields_is_asked_of_none() -> None:
    assert found({"anything": "title"}, ()) == []
    assert [flaw.field for flaw in found({"anything": "titel"}, ())] == ["anything"]


def test_everything_is_each_field_under_its_own_name() -> None:
    chosen = settings(**{"*": "*"})
    unknown = [flaw.field for flaw in flaws(SCHEMA, sink(chosen), chosen, KNOWN)]
    assert unknown == ["title", "product", "severity", "links", "address"]
