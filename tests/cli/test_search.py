"""``copilot search`` as people and scripts use it, over the sample handbook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

pytestmark = pytest.mark.slow

ENVELOPE = ["schema_version", "kind", "query", "hits", "index_version", "latency_ms"]
HIT = {
    "rank",
    "score",
    "scores",
    "passage_id",
    "document_id",
    "path",
    "title",
    "heading_path",
    "locator",
    "text",
}


def test_the_envelope_is_the_one_that_scripts_rely_on(handbook: Cli) -> None:
    envelope = handbook("search", "how do I rotate an API key?", "--json").envelope
    assert list(envelope) == ENVELOPE
    assert (envelope["schema_version"], envelope["kind"]) == (1, "search")
    for rank, hit in enumerate(envelope["hits"], start=1):
        assert hit.keys() == HIT
        assert hit["rank"] == rank
        assert {"dense", "sentence", "support", "lexical", "fused"} <= hit["scores"].keys()
        assert hit["locator"].keys() == {"kind", "start", "end"}
    assert Path(envelope["hits"][0]["path"]).name == "rotate-api-key.md"


def test_people_see_title_place_and_the_sentence_that_fits(handbook: Cli) -> None:
    done = handbook("search", "how do I rotate an API key?", "-n", "2")
    assert done.code == 0
    assert " 1. Runbook: rotate an API key" in done.out
    assert "data/handbook/runbooks/rotate-api-key.md, line" in done.out
    assert " 3. " not in done.out
    assert "\x1b" not in done.out


def test_every_score_is_explained_when_asked(handbook: Cli) -> None:
    out = handbook("search", "rotate an API key", "-n", "1", "--explain").out
    explained = ("dense", "sentence", "support", "lexical", "fused", "searched for")
    assert all(word in out for word in explained)


def test_one_file_does_not_fill_the_page(handbook: Cli) -> None:
    hits = handbook("search", "API key rotation", "--json").envelope["hits"]
    paths = [hit["path"] for hit in hits]
    assert len(hits) == 10
    assert max(map(paths.count, paths)) <= 3


def test_a_path_narrows_the_search(handbook: Cli) -> None:
    arguments = ("search", "how long", "--path", "data/handbook/policies", "--json")
    hits = handbook(*arguments).envelope["hits"]
    assert hits and all("/policies/" in hit["path"] for hit in hits)


def test_a_batch_answers_in_order_and_survives_a_bad_line(handbook: Cli) -> None:
    lines = [
        json.dumps({"id": "a", "question": "rotate an API key"}),
        "not json",
        json.dumps(
            {
                "id": 3,
                "question": "who may do it?",
                "history": [
                    {"role": "user", "text": "How is the database restored from a backup?"},
                    {"role": "assistant", "text": "With the restore runbook."},
                ],
            }
        ),
    ]
    done = handbook("search", "--batch", "-", "-n", "2", stdin="\n".join(lines))
    assert done.code == 9
    first, bad, last = done.lines
    assert (first["id"], bad["kind"], last["id"]) == ("a", "error", 3)
    assert last["query"] == "who may do it?"
    assert "restore" in last["hits"][0]["path"]


@pytest.mark.parametrize(
    "query",
    [
        '"unbalanced AND (OR title:* NOT',
        "'; DROP TABLE passages; --",
        "key\x00\x1b[31m\u202e key",
        "Traceback (most recent call last):\n" + "  File x, line 1\n" * 6000 + "KeyError: 'key'",
    ],
    ids=["full-text syntax", "SQL", "control characters", "100 kB"],
)
def test_any_text_is_searched(handbook: Cli, query: str) -> None:
    done = handbook("search", "-", "--json", stdin=query)
    assert done.code == 0, done.err
    assert done.envelope["hits"]


@pytest.mark.parametrize("query", ["", "  \n "])
def test_an_empty_question_is_refused(handbook: Cli, query: str) -> None:
    done = handbook("search", "-", "--json", stdin=query)
    assert done.code == 2
    assert done.envelope["error"]["type"] == "UsageError"


def test_an_empty_index_says_how_to_fill_it(cli: Cli) -> None:
    done = cli("search", "anything", "--json")
    assert done.code == 5
    assert done.envelope["error"]["hint"] == "copilot index add PATH"


def test_labelled_documents_show_only_to_their_groups(handbook: Cli) -> None:
    query = ("search", "compensation bands salary", "-n", "30", "--json")
    named = "COPILOT_PRINCIPAL__GROUPS"

    def paths(**env: str) -> set[str]:
        return {hit["path"] for hit in handbook(*query, env=env).envelope["hits"]}

    everyone, hr = paths(), paths(**{named: '["hr"]'})
    assert not any("compensation" in path for path in everyone)
    assert any("compensation" in path for path in hr)


def test_what_a_document_hides_never_reaches_the_terminal(cli: Cli, tmp_path: Path) -> None:
    document = tmp_path / "odd.md"
    document.write_text("# Odd \x1b]0;owned\x07title\n\nThe key\u202e is \x1b[31mred\u200b here.\n")
    assert cli("index", "add", str(document)).code == 0
    out = cli("search", "which key is red?", "--explain").out
    assert "red" in out
    assert not any(sign in out for sign in ("\x1b", "\x07", "\u202e", "\u200b"))


def test_places_are_linked_when_asked(handbook: Cli) -> None:
    out = handbook("search", "rotate an API key", env={"COPILOT_OUTPUT__LINKS": "always"}).out
    assert "\x1b]8;;file:///" in out and "#L" in out
