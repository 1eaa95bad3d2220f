"""``copilot prompts``: look at what is said to models, say it otherwise, and go back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.cli.conftest import Cli, audit_entries

ID = "answering/write"


def test_a_prompt_of_ones_own_is_made_used_and_left_again(cli: Cli, home: Path) -> None:
    file = Path(cli("prompts", "copy", ID).out.strip())
    assert file == home / "prompts" / "answering" / "write.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("You answer", "You kindly answer"), encoding="utf-8")
    used = next(one for one in cli("prompts", "list", "--json").lines if one["id"] == ID)
    assert (used["version"], used["labels"]) == ("1-mine", ["production"])
    diff = cli("prompts", "diff", ID).out
    assert "-You answer questions" in diff
    assert "+You kindly answer questions" in diff

    assert cli("prompts", "use", ID, "1", "--reason", "mine is worse").code == 0
    shown = cli("prompts", "show", ID, "--with", "question=How {{often}}?", "--json").envelope
    assert shown["version"] == "1"
    assert shown["user"].endswith("The question: How {{often}}?")
    detail = {
        "label": "production",
        "version": "1",
        "before": "default",
        "reason": "mine is worse",
    }
    assert audit_entries(cli) == [("prompts.use", ID, detail)]
    unknown = cli("prompts", "use", ID, "9")
    assert unknown.code == 3
    assert "versions: 1, 1-mine, default" in unknown.err


def test_a_prompt_with_a_variable_that_nothing_fills_ends_an_answer_before_it_begins(
    cli: Cli, home: Path
) -> None:
    file = Path(cli("prompts", "copy", ID).out.strip())
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("You answer", "You {{mood}} answer"), encoding="utf-8")
    asked = cli("ask", "How?", env={"COPILOT_MODELS__ANSWER": "openai/none"})
    assert asked.code == cli("prompts", "check").code == 2
    assert asked.err == (
        f"copilot: {file}: the body uses {{{{mood}}}}, which [inputs] doesn't declare\n"
        "  hint: it can use passages, question, words\n"
    )
    assert not (home / "ledger").exists()


def test_files_as_windows_writes_them_are_read_and_changed(cli: Cli, home: Path) -> None:
    file = Path(cli("prompts", "copy", ID).out.strip())
    text = file.read_text(encoding="utf-8")
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    labels = home / "prompts" / "labels.toml"
    labels.write_bytes(b"\xef\xbb\xbf# mine\r\n[candidate]\r\n")
    assert cli("prompts", "check").out == "The prompts can be used.\n"
    assert cli("prompts", "use", ID, "1-mine", "--label", "candidate").code == 0
    assert labels.read_bytes() == (
        b'\xef\xbb\xbf# mine\r\n[candidate]\r\n"answering/write" = "1-mine"\r\n'
    )


def test_labels_that_are_pointed_at_once_all_stand(cli: Cli, home: Path) -> None:
    ids = [one["id"] for one in cli("prompts", "list", "--json").lines][:6]
    with ThreadPoolExecutor(len(ids)) as pool:
        done = list(pool.map(lambda one: cli("prompts", "use", one, "1"), ids))
    assert [one.code for one in done] == [0] * len(ids)
    labels = (home / "prompts" / "labels.toml").read_text(encoding="utf-8")
    assert [one for one in ids if f'"{one}" = "1"' not in labels] == []


def test_a_slip_in_a_label_is_told(cli: Cli, home: Path) -> None:
    assert cli("prompts", "use", ID, "1").code == 0
    labels = home / "prompts" / "labels.toml"
    labels.write_text(labels.read_text().replace("production", "prodction"))
    checked = cli("prompts", "check")
    assert checked.code == 0
    assert f"{labels}: prodction is no label; only an experiment can name it" in checked.out
    assert "labels: production, candidate" in checked.out
