"""The citation check: what a passage says, and what it only seems to say."""

from __future__ import annotations

import pytest

from copilot.answering.grounding import Cited, Verdict, check_cited, check_code
from copilot.answering.grounding.quantities import quantities
from copilot.messages import Support
from copilot.testing.passages import made_passage

ON_CALL = made_passage(
    "If you are paged, you have 45 minutes to acknowledge. The backup is paged after that.\n\n"
    "Never restart the primary database without the approval of the Incident Commander. "
    "The Deputy keeps track of timers and must notify the Incident Commander every 10 minutes.\n\n"
    "Set `max_retries` to 5 before you deploy to eu-west-1, and enable the circuit breaker. "
    "Uploads of up to 2 GB are accepted. Only the Deputy may page executives.\n\n"
    "A SEV-1 is declared when at least 25% of customers can't log in. It costs $1,200 a month.",
    title="Being on call",
)
LOGS = made_passage(
    "Logs are kept for 30 days. Audit logs are kept for 7 years and are not deleted on request.",
    title="Retention",
)


def _check(sentence: str) -> Verdict:
    return check_cited(sentence, [Cited(2, ON_CALL)])


@pytest.mark.parametrize(
    "sentence",
    [
        "You have 45 minutes to acknowledge a page.",
        "You have 45 min to acknowledge when you are paged.",
        "The Deputy must notify the Incident Commander every ten minutes.",
        "You must not restart the primary database without the Incident Commander's approval.",
        "Don't restart the primary database without approval of the Incident Commander.",
        "Before you deploy to eu-west-1, set `max_retries` to 5.",
        "Enable the circuit breaker before deploying to eu-west-1.",
        "Executives may be paged only by the Deputy.",
        "SEV1 is declared when at least 25 percent of customers can't log in.",
        "It costs $1200 a month.",
        "Uploads up to 2GB are accepted.",
    ],
)
def test_what_the_passage_says_in_other_words_is_supported(sentence: str) -> None:
    verdict = _check(sentence)
    assert verdict.holds, verdict.reason
    assert verdict.quotes


@pytest.mark.parametrize(
    ("sentence", "because"),
    [
        ("You have 20 minutes to acknowledge a page.", "'20 minutes' isn't in [2], which says"),
        ("You have 45 hours to acknowledge a page.", "45 hours"),
        ("You have 10 minutes to acknowledge when you are paged.", "10"),
        ("Restart the primary database without the approval of the Incident Commander.", "restart"),
        ("The backup is not paged after that.", "not"),
        ("The Deputy must not notify the Incident Commander every 10 minutes.", "not"),
        ("Never restart the primary database without the approval of the Scribe.", "scribe"),
        ("The Scribe keeps track of timers and must notify the Incident Commander.", "scribe"),
        ("Set `max_retry_count` to 5 before you deploy.", "`max_retry_count`"),
        ("Set max_wait to 5 before you deploy to eu-west-1.", "max_wait"),
        ("Set `max_retries` to 5 before you deploy to eu-west-2.", "eu-west-2"),
        ("Set `max_retries` to 5 after you deploy to eu-west-1.", "after"),
        ("Disable the circuit breaker before you deploy to eu-west-1.", "disable"),
        ("Uploads of at least 2 GB are accepted.", "turned round"),
        ("A SEV-2 is declared when at least 25% of customers can't log in.", "sev-2"),
        ("A SEV-1 is declared when at most 25% of customers can't log in.", "most"),
        ("A SEV-1 is declared when at least 25% of customers can log in.", "can't"),
        ("That is what the Deputy does there.", "too little"),
        ("The on-call engineer orders pizza for the whole team.", "nothing there of"),
    ],
)
def test_what_the_passage_does_not_say_is_unsupported_and_the_reason_names_it(
    sentence: str, because: str
) -> None:
    verdict = _check(sentence)
    assert verdict.support is Support.UNSUPPORTED, verdict
    assert because.lower() in verdict.reason.lower(), verdict.reason


def test_a_reason_says_what_stands_there_instead() -> None:
    reason = _check("You have 20 minutes to acknowledge a page.").reason
    assert reason == "'20 minutes' isn't in [2], which says '45 minutes'"


def test_a_copied_sentence_is_verbatim_and_quoted_to_the_character() -> None:
    verdict = _check("The backup is paged after that")
    assert verdict.support is Support.VERBATIM
    [quote] = verdict.quotes
    assert ON_CALL.text[quote.start : quote.end] == "The backup is paged after that."
    assert quote.n == 2


def test_a_part_of_a_sentence_that_turns_its_sense_is_not_verbatim() -> None:
    assert not _check("Restart the primary database").holds


def test_the_quote_is_the_sentence_that_supports() -> None:
    [quote] = _check("Notify the Incident Commander every 10 minutes.").quotes
    assert ON_CALL.text[quote.start : quote.end].startswith("The Deputy keeps track")


def test_a_cited_passage_that_adds_nothing_is_not_kept() -> None:
    verdict = check_cited("Logs are kept for 30 days.", [Cited(1, ON_CALL), Cited(2, LOGS)])
    assert verdict.holds
    assert [q.n for q in verdict.quotes] == [2]


def test_two_passages_may_support_one_sentence_together() -> None:
    sentence = "Pages are acknowledged within 45 minutes, and logs are kept for 30 days."
    assert not _check(sentence).holds
    together = check_cited(sentence, [Cited(1, ON_CALL), Cited(2, LOGS)])
    assert together.holds, together.reason
    assert {q.n for q in together.quotes} == {1, 2}


def test_a_number_of_another_fact_does_not_support() -> None:
    verdict = check_cited("Audit logs are kept for 30 days.", [Cited(1, LOGS)])
    assert not verdict.holds


def test_scripts_without_spaces_are_compared_by_pairs_of_signs() -> None:
    cited = [Cited(1, made_passage("收到告警后，您有45分钟的时间确认。之后会通知后备人员。"))]
    assert check_cited("收到告警后您有45分钟的时间确认。", cited).holds
    assert not check_cited("收到告警后您有20分钟的时间确认。", cited).holds
    assert not check_cited("数据库每天晚上自动备份。", cited).holds


def test_without_a_citation_there_is_no_support() -> None:
    assert check_cited("The backup is paged.", []).support is Support.UNCITED


def test_a_sentence_without_content_says_nothing() -> None:
    assert not _check("And so it is.").holds


def test_every_line_of_a_code_block_must_stand_in_the_passage() -> None:
    passage = made_passage(
        "Restart it:\n\n    systemctl stop app\n    systemctl start app\n\nDone."
    )
    cited = [Cited(1, passage)]
    held = check_code("systemctl stop app\nsystemctl   start app", cited)
    assert held.support is Support.VERBATIM
    [quote] = held.quotes
    assert passage.text[quote.start : quote.end].startswith("systemctl stop app")
    failed = check_code("systemctl stop app\nrm -rf /", cited)
    assert not failed.holds
    assert "rm -rf /" in failed.reason


COMMANDS = made_passage(
    """Clear the cache of a host:

```bash
$ sudo rm -rf /var/cache/app \\
    --one-file-system
test -f /tmp/ok &&
  systemctl restart app
journalctl -u app
  | grep error
DELETE FROM users
WHERE id = 1;
```

Use `reboot --dry-run` or "net stop spooler", then **Settings > Billing**; `max_retries = 5`.
Check it with the app status command, in /etc/app/app.conf.

| Command | Does |
| --- | --- |
| app purge /tmp | clears it |
"""
)


@pytest.mark.parametrize(
    "code",
    [
        "sudo rm -rf /var/cache/app --one-file-system",
        "$ sudo rm -rf /var/cache/app \\\n      --one-file-system",
        "test -f /tmp/ok &&\n  systemctl restart app",
        "journalctl -u app | grep error",
        "DELETE FROM users\nWHERE id = 1",
        "reboot --dry-run\nnet stop spooler",
        "app purge /tmp",
    ],
)
def test_whole_commands_are_found_in_whatever_way_they_are_set_off(code: str) -> None:
    verdict = check_code(code, [Cited(1, COMMANDS)])
    assert verdict.support is Support.VERBATIM, verdict.reason
    [quote] = verdict.quotes
    assert code.rsplit(maxsplit=1)[-1] in COMMANDS.text[quote.start : quote.end]


@pytest.mark.parametrize(
    "code",
    [
        "rm -rf /",
        "sudo rm -rf /",
        "sudo rm -rf /var/cache/app",
        "rm -rf /var/cache/app --one-file-system",
        "systemctl restart app",
        "journalctl -u app",
        "DELETE FROM users",
        "delete from users where id = 1",
        "reboot",
        "net stop",
        "app purge /",
    ],
)
def test_a_part_of_a_command_is_never_found_for_the_command(code: str) -> None:
    cited = [Cited(1, COMMANDS)]
    assert check_code(code, cited).support is Support.UNSUPPORTED
    inline = check_cited(f"Clear the cache of a host with `{code}`.", cited)
    assert inline.support is Support.UNSUPPORTED
    assert inline.reason == f"`{code}` doesn't stand so in [1]"


@pytest.mark.parametrize(
    "code",
    [
        "reboot --dry-run",
        "--dry-run",
        "max_retries",
        "Settings > Billing",
        "app status",
        "/etc/app/app.conf",
        "sudo rm -rf /var/cache/app --one-file-system",
    ],
)
def test_inline_code_is_found_as_a_whole_command_a_word_or_what_is_called_a_command(
    code: str,
) -> None:
    verdict = check_cited(f"`{code}`", [Cited(1, COMMANDS)])
    assert "stand so" not in verdict.reason


@pytest.mark.parametrize(
    ("sentence", "because"),
    [
        ("Clear the cache of a host with rm -rf /.", "the path '/' doesn't stand so in [1]"),
        ("- sudo rm -rf /var", "the path '/var' doesn't stand so in [1]"),
        ("Check it in (/etc/app).", "the path '/etc/app' doesn't stand so in [1]"),
        ("DELETE FROM users", "it leaves out the end of `DELETE FROM users WHERE id = 1`"),
        ("Clear it: app purge.", "it leaves out the end of `app purge /tmp`"),
        (
            "Clear the cache of a host with rm -rf /var/cache/app.",
            "it leaves out the end of `rm -rf /var/cache/app --one-file-system`",
        ),
    ],
)
def test_a_part_of_a_command_is_not_supported_when_nothing_marks_it_as_code(
    sentence: str, because: str
) -> None:
    passage = made_passage(COMMANDS.text + "\n```\napp purge /tmp\n```")
    verdict = check_cited(sentence, [Cited(1, passage)])
    assert (verdict.support, verdict.reason) == (Support.UNSUPPORTED, because)


@pytest.mark.parametrize(
    "sentence",
    [
        "DELETE FROM users WHERE id = 1.",
        "Clear the cache: rm -rf /var/cache/app --one-file-system",
        "Restart the app with systemctl restart app when test -f /tmp/ok && holds.",
        "Check it in /etc/app/app.conf.",
    ],
)
def test_a_whole_command_needs_no_mark(sentence: str) -> None:
    verdict = check_cited(sentence, [Cited(1, COMMANDS)])
    assert verdict.holds, verdict.reason


@pytest.mark.parametrize("code", ["/etc/app", "retries", "app.conf", "/tmp/o"])
def test_a_part_of_a_word_or_path_is_not_found_for_it(code: str) -> None:
    verdict = check_cited(f"Check `{code}` of a host.", [Cited(1, COMMANDS)])
    assert verdict.reason == f"`{code}` doesn't stand so in [1]"


def test_a_sentence_copied_but_for_the_case_of_its_code_is_not_verbatim() -> None:
    copied = "Use `max_retries` in the app."
    cited = [Cited(1, made_passage(copied))]
    assert check_cited(copied, cited).support is Support.VERBATIM
    assert not check_cited(copied.replace("max", "MAX"), cited).holds


def test_the_lines_of_a_code_block_keep_their_order() -> None:
    passage = made_passage("Run it:\n\n    app backup\n    app migrate\n    app check")
    assert check_code("app backup\napp check", [Cited(1, passage)]).holds
    turned = check_code("app migrate\napp backup", [Cited(1, passage)])
    assert turned.support is Support.UNSUPPORTED
    assert "in this order" in turned.reason


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("45 min", "45 minutes"),
        ("a 45-minute limit", "45 minutes"),
        ("1,000 users", "1000 users"),
        ("99.9%", "99.9 percent"),
        ("one hour", "60 minutes"),
        ("24 hours", "1 day"),
        ("five people", "5 people"),
        ("twenty-five people", "25 people"),
        ("15 January 2024", "2024-01-15"),
        ("January 15, 2024", "2024-01-15"),
        ("2:30 pm", "14:30"),
        ("v1.2.3", "1.2.3"),
        ("$25 billion", "25 billion dollars"),
        ("10k requests", "10,000 requests"),
    ],
)
def test_quantities_that_say_the_same_are_equal(one: str, other: str) -> None:
    [a], [b] = quantities(one), quantities(other)
    assert a.equals(b), (a, b)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("45 minutes", "45 seconds"),
        ("5%", "5"),
        ("$5", "€5"),
        ("1.2.3", "1.2.4"),
        ("15 January 2024", "16 January 2024"),
        ("-5", "5"),
        ("2 GB", "2 MB"),
    ],
)
def test_quantities_that_differ_are_not_equal(one: str, other: str) -> None:
    [a], [b] = quantities(one), quantities(other)
    assert not a.equals(b)


def test_a_range_shares_its_unit_and_a_list_item_number_is_none() -> None:
    assert [q.value for q in quantities("5 to 10 minutes")] == ["300", "600"]
    assert quantities("1. Stop the service.") == []
    assert quantities("SEV-2, utf-8 and you may") == []


def test_of_two_questions_no_statement_is_made() -> None:
    faq = made_passage("How can I renew my library card? Can I rent the community room?")
    verdict = check_cited("You need to rent a library room.", [Cited(1, faq)])
    assert not verdict.holds
    assert "only asks about this" in verdict.reason


def test_a_question_with_its_answer_supports_what_the_answer_says() -> None:
    faq = made_passage("How can I renew my library card? Renew it at the front desk.")
    assert check_cited("You can renew your library card at the desk.", [Cited(1, faq)]).holds


def test_a_sentence_that_goes_round_in_circles_is_none() -> None:
    page = made_passage("The issuer is unable to process your request because they are closed.")
    circle = "They are unable to process your request because " * 4 + "they are closed."
    verdict = check_cited(circle, [Cited(1, page)])
    assert not verdict.holds
    assert "over and over" in verdict.reason
