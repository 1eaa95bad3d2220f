"""Whatever a stranger writes stands in a tracker as text, comes back as it was, does nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from copilot.adapters.sinks.jira.documents import document, is_marked, text_of
from copilot.adapters.sinks.jira.speech import quoted
from copilot.adapters.sinks.marked_text import (
    Unwrapped,
    inert_line,
    plain_line,
    stamp,
    unwrapped,
    wrapped,
)
from copilot.adapters.sinks.zendesk.tickets import inert, plain
from copilot.titles import telling
from tests.products.github import mentioned
from tests.products.gitlab import GitLabServer

MARK = stamp("ours")
_BITS = st.sampled_from(
    [
        "`",
        "```",
        "````text",
        "~~~",
        "\n",
        "\n\n",
        "/close",
        "/assign @root",
        "@ann",
        "#1",
        ">>>",
        "<!--",
        "-->",
        f"<!-- copilot:{stamp('other')} -->",
        f"copilot:{MARK}",
        "\N{WORD JOINER}",
        "{",
        "{{ticket.comments}}",
        "{%",
        "![](x)",
        "]",
        "(",
        "https://x.example/1",
        '"',
        "\\",
        ")",
        " OR ",
        " ",
        "word",
    ]
)
hostile = st.lists(_BITS | st.text(max_size=4), max_size=14).map("".join)
# GitLab and GitHub end lines with a line feed.
texts = hostile.map(lambda text: text.replace("\r", ""))


@given(texts)
def test_a_wrapped_text_comes_back_with_our_mark_alone(text: str) -> None:
    assert unwrapped(wrapped(text, (MARK,))) == Unwrapped(text, (MARK,))


@given(texts)
def test_a_wrapped_text_calls_nobody_and_runs_nothing(text: str) -> None:
    body = wrapped(text, (MARK,))
    assert mentioned(body) == []
    server = GitLabServer("key")
    try:
        server._open({"title": inert_line(text), "description": body})
        assert (server.called, server.referred) == ([], [])
    finally:
        server._http.server_close()


@given(texts)
def test_an_inert_title_comes_back(text: str) -> None:
    line = " ".join(text.split())
    assert plain_line(inert_line(text)) == line


@given(texts)
def test_a_document_holds_its_text_and_no_mark_but_ours(text: str) -> None:
    assert text_of(document(text)) == text
    assert not is_marked(document(text), MARK)
    assert is_marked(document(text, mark=MARK), MARK)


@given(texts)
def test_a_text_at_zendesk_comes_back_and_holds_no_placeholder_image_or_link(text: str) -> None:
    sent = inert(text)
    assert plain(sent) == text
    assert not any(markup in sent for markup in ("{{", "{%", "![", "](", "]["))


@given(texts)
def test_the_words_of_a_title_are_no_part_of_a_query(text: str) -> None:
    for word in telling(text):
        assert quoted(word) == f'"{word}"'
        assert not set(word) & set("\"'\\:()[]{}<>=!~^*?+&|/ \t\n")


@given(texts)
def test_a_quoted_value_ends_where_it_should(text: str) -> None:
    inner = quoted(text)[1:-1]
    assert not inner.replace("\\\\", "").replace('\\"', "").count('"')
    assert inner.replace("\\\\", "\0").replace('\\"', '"').replace("\0", "\\") == text.replace(
        "\0", "\\"
    )
