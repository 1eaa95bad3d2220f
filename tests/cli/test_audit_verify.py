"""``copilot audit verify`` from outside: what tampering looks like, with which anchor and key."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from copilot.errors import ExitCode
from tests.cli.conftest import PASSPHRASE, Cli, audit_entries

VERDICTS = ("integrity", "completeness", "authenticity")


def test_a_whole_trail_is_verified_with_exit_code_0(audited: Cli) -> None:
    done = audited("audit", "verify")
    assert done.code == 0, done.out
    assert [done.out.count(f"{name:<14}holds") for name in VERDICTS] == [1, 1, 1]
    envelope = audited("audit", "verify", "--json").envelope
    assert (envelope["kind"], envelope["state"]) == ("audit_verification", "holds")
    assert envelope["entries"] == 4


def _change(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"search.limit", b"search.limiT", 1))


def _keep(*numbers: int) -> Callable[[Path], None]:
    def tamper(file: Path) -> None:
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(lines[number - 1] for number in numbers))

    return tamper


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def _swap_key(file: Path) -> None:
    (file.parents[1] / "audit.key").write_text('{"audit-trail": "another"}', encoding="utf-8")


def _lose_key(file: Path) -> None:
    (file.parents[1] / "audit.key").unlink()


@pytest.mark.parametrize(
    ("tamper", "states", "said"),
    [
        (_change, ("broken", "holds", "broken"), "entry 1 was changed"),
        (_keep(1, 2, 4), ("holds", "broken", "holds"), "entry 3 is missing"),
        (_keep(1, 3, 2, 4), ("broken", "holds", "holds"), "entry 2 stands after entry 3"),
        (_keep(1, 2), ("holds", "broken", "holds"), "entries 3 to 4 are missing at the end"),
        (_keep(3, 4), ("holds", "broken", "holds"), "entries 1 to 2 are missing at the beginning"),
        (_truncate, ("holds", "broken", "holds"), "entry 4 is missing at the end"),
        (Path.unlink, ("holds", "broken", "holds"), "entries 1 to 4 are missing"),
        (_swap_key, ("holds", "holds", "broken"), "entries 1 to 4 have the seal of key"),
        (_lose_key, ("holds", "holds", "unproven"), "isn't here"),
    ],
)
def test_tampering_is_told_apart(
    audited: Cli,
    trail: Path,
    tamper: Callable[[Path], None],
    states: tuple[str, str, str],
    said: str,
) -> None:
    tamper(trail)
    done = audited("audit", "verify")
    assert done.code == (ExitCode.INDEX if "broken" in states else ExitCode.PARTIAL)
    assert said in done.out
    envelope = audited("audit", "verify", "--json").envelope
    assert tuple(envelope[name]["state"] for name in VERDICTS) == states
    assert "\nto do  " in done.out
    if "broken" in states:
        key = (trail.parents[1] / "audit.key").read_bytes()
        for command, says in (("anchor", "isn't anchored"), ("rotate-key", "isn't rotated")):
            refused = audited("audit", command)
            assert refused.code == 5
            assert says in refused.err
        assert (trail.parents[1] / "audit.key").read_bytes() == key


def test_a_head_that_was_kept_outlives_trail_and_anchor(
    audited: Cli, trail: Path, home: Path, project: Path
) -> None:
    kept = audited("audit", "anchor").out.strip()
    audited("config", "trust", str(project))
    assert audited("audit", "verify", "--head", kept).code == 0
    trail.unlink()
    (home / "audit-anchor.jsonl").unlink()
    left = audited("audit", "verify")
    assert left.code == 9
    assert f"a key was made to seal them ({home / 'audit.key'})" in left.out
    done = audited("audit", "verify", "--head", kept)
    assert done.code == 5
    assert "entries 1 to 4 are missing" in done.out
    assert audited("audit", "verify", "--head", "4").code == 2


def test_the_anchor_lies_where_the_configuration_says(
    cli: Cli, home: Path, project: Path, tmp_path: Path
) -> None:
    home.mkdir()
    share = tmp_path / "share" / "anchor.jsonl"
    (home / "config.toml").write_text(f'[audit]\nanchor = "{share}"\n', encoding="utf-8")
    cli("config", "trust", str(project))
    assert json.loads(share.read_text(encoding="utf-8"))["seq"] == 1
    assert not (home / "audit-anchor.jsonl").exists()
    share.unlink()
    share.mkdir()
    done = cli("config", "trust", "--remove", str(project))
    assert done.code == 0
    assert "the audit trail's head wasn't anchored" in done.err


def test_an_anchor_that_would_move_or_overwrite_is_refused_by_name(
    audited: Cli, home: Path, trail: Path, project: Path
) -> None:
    config, before = home / "config.toml", trail.read_bytes()
    config.write_text('[audit]\nanchor = "anchor.jsonl"\n', encoding="utf-8")
    refused = audited("audit", "verify")
    assert refused.code == 2
    assert "audit.anchor must be a whole path" in refused.err
    for taken in (trail, home / "audit.key"):
        config.write_text(f'[audit]\nanchor = "{taken}"\n', encoding="utf-8")
        assert audited("audit", "verify").code == 2
        done = audited("config", "trust", str(project))
        assert done.code == 5
        assert f"could not be written into the audit trail: audit.anchor is {taken}" in done.err
    assert trail.read_bytes() == before


def test_a_key_from_the_environment_seals_and_leaves_none_in_a_file(
    cli: Cli, home: Path, project: Path
) -> None:
    env = {"COPILOT_KEY_AUDIT_TRAIL": "from a secret manager"}
    assert cli("config", "trust", str(project), env=env).code == 0
    assert not (home / "audit.key").exists()
    done = cli("audit", "verify", env=env)
    assert done.code == 0
    assert "(environment)" in done.out
    assert cli("audit", "verify").code == 9


def test_a_lost_key_is_told_when_the_next_entry_is_written(
    audited: Cli, trail: Path, project: Path
) -> None:
    _lose_key(trail)
    done = audited("config", "trust", str(project))
    assert done.code == 0
    assert "is gone and a new one was made" in done.err
    assert audited("audit", "verify").code == 5


def test_a_rotated_key_seals_what_comes_and_the_old_one_checks_what_was(
    audited: Cli, trail: Path, project: Path
) -> None:
    was = json.loads(trail.read_text(encoding="utf-8").splitlines()[-1])["key"]
    done = audited("audit", "rotate-key", "--json")
    assert done.code == 0
    assert (done.envelope["kind"], done.envelope["old_key"]) == ("audit_key", was)
    audited("config", "trust", str(project))
    [(trusted, _, _), (rotated, old, detail)] = audit_entries(audited, "-n", "2")
    assert (trusted, rotated, old) == ("config.trust", "audit.rotate_key", was)
    assert detail["key"] == done.envelope["key"]
    verified = audited("audit", "verify")
    assert verified.code == 0, verified.out
    assert f"the key of its time, which is {done.envelope['key']} now" in verified.out
    assert audited("audit", "rotate-key").code == 0
    assert audited("audit", "verify").code == 0


def test_a_key_from_the_environment_is_rotated_by_whoever_sets_it(
    cli: Cli, home: Path, project: Path
) -> None:
    old = {"COPILOT_KEY_AUDIT_TRAIL": "from a secret manager"}
    assert cli("audit", "rotate-key", env=old).code == 3
    cli("config", "trust", str(project), env=old)
    refused = cli("audit", "rotate-key", env=old)
    assert refused.code == 2
    [variable] = re.findall(r"export (COPILOT_KEY_AUDIT_TRAIL_[0-9A-F]{16})=", refused.err)
    new = {variable: "from a secret manager", "COPILOT_KEY_AUDIT_TRAIL": "a new one"}
    assert cli("audit", "rotate-key", env=new).code == 0
    assert cli("audit", "verify", env=new).code == 0
    assert not (home / "audit.key").exists()
    assert cli("audit", "verify", env={"COPILOT_KEY_AUDIT_TRAIL": "a new one"}).code == 5
    cli("config", "trust", "--remove", str(project), env=new)
    assert cli("audit", "verify", env={"COPILOT_KEY_AUDIT_TRAIL": "a new one"}).code == 9


def test_the_trails_key_is_put_back_and_neither_swapped_nor_removed_as_other_keys_are(
    audited: Cli, trail: Path
) -> None:
    file = trail.parents[1] / "audit.key"
    own = json.loads(file.read_text(encoding="utf-8"))["audit-trail"]
    file.unlink()
    set_key = ("keys", "set", "audit-trail", "--store", "file")
    refused = audited(*set_key, stdin="another", env=PASSPHRASE)
    assert refused.code == 2
    assert "rotate-key" in refused.err
    assert audited("audit", "verify", env=PASSPHRASE).code == 9
    assert audited(*set_key, stdin=own, env=PASSPHRASE).code == 0
    assert audited("audit", "verify", env=PASSPHRASE).code == 0
    refused = audited("keys", "remove", "Audit-Trail", env=PASSPHRASE)
    assert refused.code == 2
    assert "nobody can check" in refused.err
    assert audited("audit", "verify", env=PASSPHRASE).code == 0
    assert audit_entries(audited, "-n", "1") == [("keys.set", "audit-trail", {"store": "file"})]


def test_an_export_of_a_trail_that_is_being_written_is_no_false_alarm(
    audited: Cli, trail: Path, tmp_path: Path
) -> None:
    with trail.open("ab") as handle:
        handle.write(b'{"account":"a')
    file = tmp_path / "export.jsonl"
    file.write_text(audited("audit", "export").out, encoding="utf-8")
    assert file.read_bytes() == trail.read_bytes()
    assert audited("audit", "verify", "--file", str(file)).code == 9


def test_an_export_is_checked_anywhere_with_nothing_but_sha_256(
    audited: Cli, tmp_path: Path, project: Path
) -> None:
    done = audited("audit", "export")
    before = "0" * 64
    for line in done.out.splitlines():
        assert json.loads(line)["prev"] == before
        before = hashlib.sha256(line.encode()).hexdigest()
    kept = audited("audit", "anchor").out.strip()
    assert kept == f"4:{before}"
    file = tmp_path / "export.jsonl"
    file.write_text(done.out, encoding="utf-8")
    audited("config", "trust", str(project))
    assert audited("audit", "verify", "--file", str(file)).code == 9
    assert audited("audit", "verify", "--file", str(file), "--head", kept).code == 0
    file.write_text(done.out.replace("config.distrust", "config.trust", 1), encoding="utf-8")
    assert audited("audit", "verify", "--file", str(file), "--head", kept).code == 5
    assert audited("audit", "verify", "--file", str(tmp_path / "no.jsonl")).code == 3


def test_a_ledger_whose_records_are_gone_leaves_the_trail_whole(
    audited: Cli, trail: Path, tmp_path: Path
) -> None:
    (tmp_path / "note.md").write_text("# Printer\n\nIn room 12.\n", encoding="utf-8")
    assert audited("index", "add", str(tmp_path / "note.md")).code == 0
    assert audited("runs", "list").out
    for file in [file for file in trail.parent.rglob("*") if file.is_file() and file != trail]:
        file.unlink()
    assert audited("runs", "list").out == ""
    assert audited("audit", "verify").code == 0
