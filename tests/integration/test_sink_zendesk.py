"""What is Zendesk's own: idempotency keys, requesters, notes that nobody is mailed, audits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from copilot.adapters.sinks.zendesk import build
from copilot.adapters.sinks.zendesk.sink import ZendeskSink
from copilot.config.records import SinkSettings
from copilot.errors import SinkAuthError, SinkRequestError, SinkUnavailableError, SinkUnknownError
from copilot.extracted import Json
from copilot.proposals import SinkWrite
from copilot.testing.http_server import HttpReply
from tests.products.zendesk import CLIENT, USER, ZendeskServer

TOKEN = "a-token-of-an-agent"
KEY = "5e" * 32
VALUES: Mapping[str, Json] = {"subject": "VPN drops", "description": "Every hour."}


@pytest.fixture
def server() -> Iterator[ZendeskServer]:
    with ZendeskServer(TOKEN, page=3) as running:
        yield running


def sink(server: ZendeskServer, *, user: str = USER, **options: str | int | bool) -> ZendeskSink:
    settings = SinkSettings(
        kind="zendesk", url=server.url, user=user, key="zen", options=options, timeout_s=10
    )
    return build("zen", settings, key_for=lambda name: TOKEN)


def creation(**values: Json) -> SinkWrite:
    return SinkWrite("create", "ticket", {**VALUES, **values}, KEY)


def test_an_oauth_client_signs_in_once_for_many_calls(server: ZendeskServer) -> None:
    zendesk = sink(server, user=CLIENT)
    assert zendesk.check() == f"Bot ({USER}, agent)"
    zendesk.write(creation())
    signed_in = [one for one in server.requests if one.path == "/oauth/tokens"]
    assert len(signed_in) == 1 and "authorization" not in signed_in[0].headers
    sent = [one for one in server.requests if one.path != "/oauth/tokens"]
    assert not [one for one in sent if TOKEN in f"{one.headers} {one.raw!r} {one.path}"]


def test_a_session_is_renewed_before_it_ends(server: ZendeskServer) -> None:
    zendesk = sink(server, user=CLIENT)
    short = {"access_token": "ends-at-once", "token_type": "bearer", "expires_in": 0}
    server.fail_read(HttpReply(200, short))
    with pytest.raises(SinkAuthError):
        zendesk.check()
    assert zendesk.check()


@pytest.mark.parametrize(
    "reply",
    [
        None,
        HttpReply(400, {"error": "invalid_scope", "error_description": f"no scope for {TOKEN}"}),
        HttpReply(200, {"token_type": "bearer"}),
    ],
)
def test_an_oauth_client_that_is_refused_is_an_error_of_the_key(
    server: ZendeskServer, reply: HttpReply | None
) -> None:
    zendesk = sink(server, user=CLIENT if reply else "no_such_client")
    if reply:
        server.fail_read(reply)
    with pytest.raises(SinkAuthError, match="the key zen") as failure:
        zendesk.write(creation())
    assert TOKEN not in f"{failure.value} {failure.value.hint}"
    assert not server.tickets


def test_a_token_needs_no_user(server: ZendeskServer) -> None:
    with pytest.raises(SinkAuthError):
        sink(server, user="").check()
    assert server.requests[-1].headers["authorization"] == f"Bearer {TOKEN}"


def test_two_at_once_with_one_key_are_one_ticket_to_zendesk_itself(server: ZendeskServer) -> None:
    zendesk, slow = sink(server), sink(server)
    slow.find = lambda kind, key: None  # type: ignore[method-assign]  # asked before it was there
    first, second = zendesk.write(creation()), slow.write(creation())
    assert (second.external_id, second.replayed) == (first.external_id, True)
    assert len(server.tickets) == 1


def test_a_key_with_another_content_is_refused(server: ZendeskServer) -> None:
    zendesk, slow = sink(server), sink(server)
    slow.find = lambda kind, key: None  # type: ignore[method-assign]
    zendesk.write(creation())
    with pytest.raises(SinkRequestError, match="idempotency key"):
        slow.write(creation(subject="Another one"))
    assert len(server.tickets) == 1


def test_a_ticket_that_is_being_changed_by_another_is_for_later(server: ZendeskServer) -> None:
    server.fail_write(HttpReply(409, {"error": "IdempotentRequestInProgress"}))
    with pytest.raises(SinkUnavailableError, match="IdempotentRequestInProgress"):
        sink(server).write(creation())


def test_nobody_is_mailed_unless_the_configuration_says_so(server: ZendeskServer) -> None:
    sink(server).write(creation())
    assert server.requests[-1].body["ticket"]["comment"]["public"] is False
    zendesk = sink(server, public=True)
    zendesk.write(SinkWrite("create", "ticket", VALUES, "other"))
    assert server.requests[-1].body["ticket"]["comment"]["public"] is True


def test_a_requester_is_one_person_by_their_address(server: ZendeskServer) -> None:
    zendesk = sink(server)
    who = {"requester_name": "Ana Ruiz", "requester_email": "ana@customer.example"}
    for key in ("k1", "k2"):
        zendesk.write(SinkWrite("create", "ticket", {**VALUES, **who}, key))
    assert list(server.users) == ["ana@customer.example"]
    zendesk.write(SinkWrite("create", "ticket", {**VALUES, "requester_name": "Ana Ruiz"}, "k3"))
    assert len(server.users) == 1


def test_an_address_that_is_none_is_an_error_of_its_field(server: ZendeskServer) -> None:
    with pytest.raises(SinkRequestError) as failure:
        sink(server).write(creation(requester_email="not an address"))
    assert list(failure.value.fields) == ["requester_email"]


def test_a_description_is_needed(server: ZendeskServer) -> None:
    zendesk = sink(server)
    with pytest.raises(SinkRequestError) as failure:
        zendesk.write(SinkWrite("create", "ticket", {"subject": "VPN drops"}, KEY))
    assert list(failure.value.fields) == ["description"]
    assert {one.name for one in zendesk.fields("ticket") if one.required} == {"description"}


def test_a_comment_is_an_internal_note_that_is_made_once(server: ZendeskServer) -> None:
    zendesk = sink(server)
    made = zendesk.write(creation())
    for number in range(5):  # more audits than a page
        zendesk.write(
            SinkWrite("update", "ticket", {"subject": f"{number}"}, "u", made.external_id)
        )
    comment = SinkWrite("comment", "ticket", {"comment": "Again."}, "c1", made.external_id)
    server.fail_write(done=True)
    with pytest.raises(SinkUnknownError):
        zendesk.write(comment)
    again = zendesk.write(comment)
    assert again.replayed
    assert zendesk.undo_of(comment, again) is None
    said = [one["events"] for one in server.audits[int(made.external_id)] if one["events"]]
    assert [(one["body"], one["public"]) for (one,) in said] == [
        ("Every hour.", False),
        ("Again.", False),
    ]


def test_a_new_description_of_an_old_ticket_is_one_note(server: ZendeskServer) -> None:
    zendesk = sink(server)
    made = zendesk.write(creation())
    update = SinkWrite(
        "update",
        "ticket",
        {"description": "Now hourly.", "priority": "high"},
        "u",
        made.external_id,
    )
    first = zendesk.write(update)
    assert (zendesk.write(update).before, first.before) == ({}, {"priority": None})
    assert zendesk.read("ticket", made.external_id).values["description"] == "Every hour."
    said = [one["events"] for one in server.audits[int(made.external_id)] if one["events"]]
    assert [one["body"] for (one,) in said] == ["Every hour.", "Now hourly."]


def test_its_fields_are_read_page_by_page_and_custom_ones_by_their_number(
    server: ZendeskServer,
) -> None:
    known = {one.name: one for one in sink(server).fields("ticket")}
    assert known["type"].choices == ("problem", "incident", "question", "task")
    assert known["custom_field_360001"].label == "Product"
    assert "Retired" not in {one.label for one in known.values()}


def test_only_tags_are_a_list(server: ZendeskServer) -> None:
    sink(server).write(creation(subject=["VPN", "Wifi"], tags=["vpn", "wifi"]))
    (ticket,) = server.tickets.values()
    assert (ticket["subject"], ticket["tags"]) == ("VPN, Wifi", ["vpn", "wifi"])


def test_a_custom_field_holds_its_value(server: ZendeskServer) -> None:
    zendesk = sink(server)
    made = zendesk.write(creation(custom_field_360001="acme_desk"))
    assert server.tickets[int(made.external_id)]["custom_fields"] == [
        {"id": 360001, "value": "acme_desk"}
    ]


def test_a_title_is_only_words_to_the_search(server: ZendeskServer) -> None:
    zendesk = sink(server)
    zendesk.similar("ticket", {"subject": 'VPN" status:closed -drops OR requester:*'}, limit=5)
    query = server.requests[-1].query["query"]
    terms = query.removeprefix("type:ticket status<solved ").split()
    assert all(term.startswith("subject:") for term in terms)
    assert not any(set(term.removeprefix("subject:")) & set(':"*-') for term in terms)


def test_an_end_user_may_not_make_tickets_of_others(server: ZendeskServer) -> None:
    user = {"id": 9, "name": "Eve", "email": "eve@example.org", "role": "end-user"}
    server.fail_read(HttpReply(200, {"user": user}))
    with pytest.raises(SinkAuthError, match="an end user"):
        sink(server).check()
    server.fail_read(HttpReply(200, {"user": {"id": None, "name": "Anonymous user"}}))
    with pytest.raises(SinkAuthError, match="nobody"):
        sink(server).check()


def test_a_ticket_of_another_key_is_not_ours_whatever_the_list_was_asked_for(
    server: ZendeskServer,
) -> None:
    listed = {"tickets": [{"id": 7, "external_id": None, "subject": "Another's"}], "meta": {}}
    server.fail_read(HttpReply(200, listed))
    assert sink(server).find("ticket", KEY) is None


def test_a_change_does_not_touch_the_key(server: ZendeskServer) -> None:
    zendesk = sink(server)
    number = zendesk.write(creation()).external_id
    values: dict[str, Json] = {"external_id": "another", "priority": "high"}
    zendesk.write(SinkWrite("update", "ticket", values, "", number))
    found = zendesk.find("ticket", KEY)
    assert found is not None and found.values["priority"] == "high"


def test_a_new_ticket_that_was_closed_opens_again_and_is_new_no_more(server: ZendeskServer) -> None:
    zendesk = sink(server)
    number = zendesk.write(creation()).external_id
    closure = SinkWrite("close", "ticket", {}, "c", number)
    undo = zendesk.undo_of(closure, zendesk.write(closure))
    assert undo is not None and undo.values == {"status": "new"}
    assert '"status": "open"' in zendesk.preview(undo)[0].body
    zendesk.write(undo)
    assert server.tickets[int(number)]["status"] == "open"


@pytest.mark.parametrize(
    "said",
    [
        "Dear {{ticket.assignee.name}}, {{ ticket.comments }}{{{dc.secret}}}",
        "{% for one in ticket.comments %}{{one}}{% endfor %}",
        "![](https://evil.example/pixel.png) and [your bank](https://evil.example)",
        "[your bank][1] ![x][1]\n\n[1]: https://evil.example",
        "as {\u2060{it}} was and ]\u2060\u2060( stays",
    ],
)
def test_no_text_shows_data_an_image_or_a_link_of_its_own(server: ZendeskServer, said: str) -> None:
    zendesk = sink(server)
    number = zendesk.write(creation(description=said)).external_id
    zendesk.write(SinkWrite("comment", "ticket", {"comment": said}, "c", number))
    zendesk.write(SinkWrite("update", "ticket", {"description": said}, "u", number))
    assert server.rendered == []
    assert zendesk.read("ticket", number).values["description"] == said


def test_a_text_that_grows_where_it_is_made_inert_fits_all_the_same(server: ZendeskServer) -> None:
    sink(server).write(creation(description="{{" * 30_000))
    (ticket,) = server.tickets.values()
    assert len(ticket["description"].encode()) <= 65_535
