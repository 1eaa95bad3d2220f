"""The doctor's judgement, on parts that are made to fail."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest

from copilot.audit.glances import Glance
from copilot.config.load import inspect
from copilot.config.models import ModelSettings, RouteSettings
from copilot.config.paths import Paths
from copilot.config.schema import EmbeddingSettings, LedgerSettings, Settings
from copilot.doctor import (
    AuditFacts,
    Finding,
    KeyFacts,
    KeylessSink,
    LedgerFacts,
    ModelStanding,
    Probes,
    ProposalFacts,
    ReleaseFacts,
    TerminalFacts,
    examine,
    verdict,
)
from copilot.doctor import packages as packages_module
from copilot.doctor.packages import UNSAFE, Package, needed_packages
from copilot.errors import (
    ConfigError,
    ExitCode,
    KnowledgeIndexError,
    ModelTimeoutError,
    StorageError,
)
from copilot.events import Warned
from copilot.flags import FlagFile
from copilot.flags.values import Switch, Trouble
from copilot.messages import DocumentState, EmbedderIdentity
from copilot.prompting.checking import Flaw
from copilot.proposals import ProposalState

MINILM = EmbedderIdentity("all-MiniLM-L6-v2", "53aa", 384, 256)


class Index:
    """As much of a PassageIndex as the doctor looks at."""

    def __init__(self, *statuses: Any, passages: int = 7, built: Any = MINILM) -> None:
        self._statuses, self._passages, self._built = statuses, passages, built

    def identity(self) -> EmbedderIdentity | None:
        return self._built  # type: ignore[no-any-return]

    def count_passages(self) -> int:
        return self._passages

    def unfinished(self) -> list[str]:
        return []

    def documents(self) -> list[DocumentState]:
        return [
            DocumentState(
                path=f"/{i}.md",
                document_id=str(i),
                container=f"/{i}.md",
                source="/",
                title="",
                status=status,
                content_hash="",
                size=0,
                mtime_ns=0,
                passages=1,
                indexed_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
            for i, status in enumerate(self._statuses)
        ]


async def nobody(name: str) -> str:
    raise AssertionError("the chat model must not be asked")


@pytest.fixture
def healthy(tmp_path: Path) -> Probes:
    paths = Paths.from_environment({"COPILOT_HOME": str(tmp_path)}, cwd=tmp_path)
    return Probes(
        paths=paths,
        configuration=inspect(paths, {}),
        settings=Settings(),
        terminal=TerminalFacts(True, True, True, "utf-8"),
        index=lambda: Index("indexed", "indexed"),  # type: ignore[arg-type, return-value]
        embedder=lambda: MINILM,
        weights=lambda: "as pinned",
        keys=lambda: KeyFacts(backend="SecretService"),
        ledger=lambda: LedgerFacts(runs=3, waiting=0),
        audit=lambda: audited(paths),
        proposals=lambda: ProposalFacts("policy.toml", {}),
        flags=FlagFile,
        budgets=lambda: [],
        prompts=lambda: [],
        release=lambda: ReleaseFacts("0123456789ab"),
        models=tuple,
        ping=nobody,
    )


def audited(paths: Paths, anchor: Path | None = None, **seen: Any) -> AuditFacts:
    """A trail of twelve entries, two days old, with whatever else a glance found."""
    now = datetime(2026, 1, 3, tzinfo=UTC)
    glance = Glance(12, datetime(2026, 1, 1, tzinfo=UTC), (), key="keyring")
    anchor = anchor or paths.audit_anchor
    return AuditFacts(replace(glance, **seen), now=now, trail=paths.audit, anchor=anchor)


async def report(probes: Probes, *, online: bool = False) -> list[Finding]:
    return [finding async for finding in examine(probes, online=online)]


def worst(findings: list[Finding], check: str) -> Finding:
    order = ("ok", "skipped", "warning", "problem")
    return max((f for f in findings if f.check == check), key=lambda f: order.index(f.status))


def raising(error: BaseException) -> Callable[..., Any]:
    def fail() -> NoReturn:
        raise error

    return fail


async def test_a_healthy_installation_has_no_problem(healthy: Probes) -> None:
    findings = await report(healthy)
    assert verdict(findings) == ExitCode.DONE
    assert not [f for f in findings if f.status == "problem"]


async def test_whatever_is_not_well_names_a_remedy(healthy: Probes, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[search]\nlimt = 1\n")
    (tmp_path / "ledger").mkdir()
    probes = replace(
        healthy,
        configuration=inspect(healthy.paths, {}),
        index=raising(KnowledgeIndexError("damaged", hint="copilot index rebuild")),
        weights=raising(OSError(5, "Input/output error")),
        keys=raising(ImportError("no keyring")),
        ledger=raising(ValueError("bad page")),
        terminal=TerminalFacts(False, False, False, "ANSI_X3.4-1968"),
    )
    findings = await report(probes)
    for check in ("configuration", "index", "embedding weights", "keys", "ledger", "terminal"):
        finding = worst(findings, check)
        assert finding.status in ("problem", "warning"), check
        assert finding.fix, check
    assert verdict(findings) == ExitCode.USAGE


@pytest.mark.parametrize(
    "error",
    [OSError(5, "broken"), KeyError("x"), TypeError("x"), RuntimeError("x"), MemoryError()],
    ids=lambda e: type(e).__name__,
)
async def test_a_check_that_breaks_down_does_not_stop_the_next(
    healthy: Probes, error: BaseException
) -> None:
    findings = await report(replace(healthy, index=raising(error)))
    assert worst(findings, "index").status == "problem"
    assert worst(findings, "terminal").status == "ok"
    assert verdict(findings) == ExitCode.INDEX


async def test_documents_that_could_not_be_read_are_a_warning_with_their_number(
    healthy: Probes,
) -> None:
    part = Index("indexed", "failed", "failed", "skipped")
    found = worst(await report(replace(healthy, index=lambda: part)), "index")  # type: ignore[arg-type, return-value]
    assert found.status == "warning"
    assert "2 of 4" in found.detail
    assert found.fix == "copilot index status"


async def test_an_index_of_another_embedder_is_a_problem(healthy: Probes) -> None:
    other = EmbedderIdentity("multilingual", "aa", 768, 512)
    findings = await report(replace(healthy, embedder=lambda: other))
    assert worst(findings, "index").fix == "copilot index rebuild"
    assert verdict(findings) == ExitCode.INDEX


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("litellm:openai/small", ExitCode.DONE),
        ("litellm:openai/large", ExitCode.INDEX),
    ],
)
async def test_an_embedder_that_is_not_at_hand_is_compared_by_its_name(
    healthy: Probes, model: str, code: ExitCode
) -> None:
    part = Index("indexed", built=EmbedderIdentity("litellm:openai/small", "", 1536, 8191))
    settings = Settings(embedding=EmbeddingSettings(model=model))
    probes = replace(healthy, settings=settings, embedder=lambda: None, index=lambda: part)  # type: ignore[arg-type, return-value]
    assert verdict(await report(probes)) == code


GPT = ModelStanding(
    "openai/gpt", "openai/gpt", ("answer",), key="openai", variable="COPILOT_KEY_OPENAI"
)
SPARE = ModelStanding("spare", "acme/x", ("answer",), first=False, key="acme", variable="ACME")


def having(probes: Probes, *models: ModelStanding) -> Probes:
    return replace(probes, models=lambda: models)


@pytest.mark.parametrize(
    ("models", "status"),
    [
        ((GPT,), "problem"),
        ((replace(GPT, key_in="keyring"),), "ok"),
        ((replace(GPT, model="ollama/llama3", key="ollama"),), "ok"),
        ((replace(GPT, api_base="http://here"),), "ok"),
        ((replace(GPT, key_in="keyring"), SPARE), "warning"),
        ((replace(GPT, key=""),), "ok"),
        ((), "ok"),
    ],
)
async def test_a_key_is_missed_only_where_one_is_needed(
    healthy: Probes, models: tuple[ModelStanding, ...], status: str
) -> None:
    found = worst(await report(having(healthy, *models)), "keys")
    assert found.status == status
    assert status == "ok" or f"copilot keys set {models[-1].key}" in found.fix


async def test_a_store_of_keys_that_can_not_be_asked_is_named(healthy: Probes) -> None:
    damaged = KeyFacts(failures=("file: damaged",))
    assert worst(await report(replace(healthy, keys=lambda: damaged)), "keys").status == "warning"


async def test_a_key_that_two_models_need_is_told_of_once(healthy: Probes) -> None:
    both = having(healthy, GPT, replace(GPT, name="openai/other"))
    assert len([one for one in await report(both) if one.status == "problem"]) == 1


async def test_chat_models_are_asked_only_online_and_each_of_them(healthy: Probes) -> None:
    called: list[str] = []

    async def late(name: str) -> str:
        called.append(name)
        if name == "spare":
            return "Yes."
        raise ModelTimeoutError("no answer in time", hint="raise models.first_token_timeout_s")

    probes = replace(having(healthy, replace(GPT, key_in="keyring"), SPARE), ping=late)
    assert worst(await report(probes), "chat model").status == "skipped"
    assert called == []
    asked = await report(probes, online=True)
    assert called == ["openai/gpt", "spare"]
    assert [one.status for one in asked if one.check == "chat model"] == ["problem", "ok"]
    assert verdict(asked) == ExitCode.MODEL
    assert worst(asked, "chat model").detail == "openai/gpt (answer): no answer in time"


async def test_one_that_only_steps_in_is_no_problem_when_it_is_down(healthy: Probes) -> None:
    async def down(name: str) -> str:
        raise ModelTimeoutError("no answer in time")

    here = replace(SPARE, key_in="keyring")
    asked = await report(replace(having(healthy, here), ping=down), online=True)
    found = worst(asked, "chat model")
    assert (found.status, found.fix) == ("warning", "copilot models test spare")
    assert verdict(asked) == ExitCode.DONE


async def test_a_route_that_nobody_goes_is_named(healthy: Probes) -> None:
    routes = {"judge": RouteSettings(models=("a/b",)), "extract": RouteSettings(then=("a/b",))}
    idle = replace(healthy, settings=Settings(models=ModelSettings(routes=routes)))
    for online in (False, True):
        found = [one for one in await report(idle, online=online) if one.check == "chat model"]
        assert [one.status for one in found] == ["ok", "warning", "warning"]
        assert "models.answer is empty" in found[1].detail
        assert "extraction.model is empty" in found[2].detail


async def test_a_model_that_rests_and_one_of_no_known_price_are_named(healthy: Probes) -> None:
    rests = replace(GPT, key_in="keyring", rests_until=datetime(2026, 1, 1, tzinfo=UTC))
    found = worst(await report(having(healthy, rests)), "chat model")
    assert (found.status, found.fix) == ("warning", "copilot models test openai/gpt")
    assert "rests until" in found.detail
    dear = replace(SPARE, key="", unpriced=True)
    found = worst(await report(having(healthy, dear)), "chat model")
    assert (found.status, found.fix[:25]) == ("warning", '[models.prices."acme/x"] ')


async def test_a_full_disk_is_a_warning(healthy: Probes, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=10_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    found = worst(await report(healthy), "home")
    assert found.status == "warning"
    assert "10 MB" in found.detail


async def test_what_the_reader_of_the_ledger_noticed_is_passed_on_with_its_remedy(
    healthy: Probes,
) -> None:
    healthy.paths.ledger.mkdir()
    facts = LedgerFacts(runs=3, waiting=0, notices=(Warned("2 records set aside", "look there"),))
    found = worst(await report(replace(healthy, ledger=lambda: facts)), "ledger")
    assert (found.status, found.fix) == ("warning", "look there")


async def test_a_ledger_that_is_switched_off_is_not_opened(healthy: Probes) -> None:
    off = Settings(ledger=LedgerSettings(enabled=False))
    findings = await report(replace(healthy, settings=off, ledger=raising(OSError("opened"))))
    assert worst(findings, "ledger").status == "ok"


async def test_an_audit_trail_that_holds_at_a_glance_is_told_with_its_age_and_its_key(
    healthy: Probes,
) -> None:
    [found] = [f for f in await report(healthy) if f.check == "audit trail"]
    says = "12 entries, the last 2 days ago; its end is as it was anchored, key: keyring"
    assert (found.status, found.detail) == ("ok", says)
    empty = replace(healthy, audit=lambda: audited(healthy.paths, last=0, at=None))
    assert worst(await report(empty), "audit trail").detail == "no entries yet"


@pytest.mark.parametrize(
    ("seen", "says", "fix"),
    [
        ({"wrong": ("entry 3 isn't it",)}, "entry 3 isn't it", "copilot audit verify"),
        ({"key_wrong": "the keyring is locked"}, "the keyring is locked", "copilot audit verify"),
        ({"unanchored": 1}, "the newest 1 entry isn't anchored", "copilot audit anchor"),
        ({"unanchored": 5}, "the newest 5 entries aren't anchored", "copilot audit anchor"),
    ],
)
async def test_what_a_glance_at_the_audit_trail_finds_keeps_no_question_from_being_answered(
    healthy: Probes, seen: dict[str, Any], says: str, fix: str
) -> None:
    findings = await report(replace(healthy, audit=lambda: audited(healthy.paths, **seen)))
    found = worst(findings, "audit trail")
    assert (found.status, found.detail, found.fix) == ("warning", says, fix)
    assert verdict(findings) == ExitCode.DONE


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("ledger/anchor.jsonl", "lies beside it"),
        ("a-folder", "can't be written"),
        ("a-file/anchor.jsonl", "can't be written"),
    ],
)
async def test_an_anchor_that_is_no_second_place_is_told(
    healthy: Probes, tmp_path: Path, place: str, says: str
) -> None:
    (tmp_path / "a-folder").mkdir()
    (tmp_path / "a-file").touch()
    probes = replace(healthy, audit=lambda: audited(healthy.paths, anchor=tmp_path / place))
    found = worst(await report(probes), "audit trail")
    assert found.status == "warning"
    assert says in found.detail
    assert "audit.anchor" in found.fix


async def test_an_audit_trail_that_cannot_be_read_is_told_with_a_remedy(healthy: Probes) -> None:
    probes = replace(healthy, audit=raising(StorageError("the share is gone", hint="mount it")))
    found = worst(await report(probes), "audit trail")
    assert (found.status, found.detail, found.fix) == ("warning", "the share is gone", "mount it")


@pytest.mark.parametrize(
    ("facts", "status", "says", "remedy"),
    [
        (ProposalFacts("p.toml", {}), "ok", "policy p.toml; nothing waits", ""),
        (
            ProposalFacts("p.toml", {ProposalState.WAITING: 1, ProposalState.SENT: 4}),
            "ok",
            "1 proposal waits for a decision (copilot actions list)",
            "",
        ),
        (ProposalFacts("p", {ProposalState.DEAD: 2}), "warning", "2 proposals failed", "dead"),
        (ProposalFacts("p", {ProposalState.SENDING: 1}), "warning", "nobody knows", "retry"),
        (ProposalFacts("p", {}, damaged=1), "warning", "can't be read", "actions list"),
        (
            ProposalFacts("p", {}, keyless=(KeylessSink("ours", "jira"),)),
            "warning",
            "the sink ours needs a key",
            "copilot keys set jira",
        ),
    ],
)
async def test_what_waits_or_failed_on_its_way_to_a_sink_is_told(
    healthy: Probes, facts: ProposalFacts, status: str, says: str, remedy: str
) -> None:
    findings = await report(replace(healthy, proposals=lambda: facts))
    found = worst(findings, "proposals")
    assert (found.status, verdict(findings)) == (status, ExitCode.DONE)
    assert says in found.detail and remedy in found.fix


async def test_a_policy_that_cannot_be_read_keeps_no_question_from_being_answered(
    healthy: Probes,
) -> None:
    broken = raising(ConfigError("policy.toml, line 3: no rule", hint="copilot policy check"))
    findings = await report(replace(healthy, proposals=broken))
    found = worst(findings, "proposals")
    assert (found.status, found.fix) == ("warning", "copilot policy check")
    assert verdict(findings) == ExitCode.DONE


async def test_no_home_at_all_is_a_problem_that_names_the_variable(healthy: Probes) -> None:
    paths = replace(healthy.paths, home_kind="none")
    found = worst(await report(replace(healthy, paths=paths)), "home")
    assert found.status == "problem"
    assert "COPILOT_HOME=" in found.fix


@pytest.mark.parametrize("version", sorted(UNSAFE["litellm"]))
async def test_a_malicious_release_is_a_problem_that_says_so(
    healthy: Probes, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    installed = [Package("litellm", "litellm>=1.100", version)]
    monkeypatch.setattr("copilot.doctor.machine.needed_packages", lambda: installed)
    found = worst(await report(healthy), "packages")
    assert found.status == "problem"
    assert "malicious" in found.detail
    assert "revoke" in found.fix
    assert "upgrade nothing" in found.fix  # as data/handbook's runbook says: it is evidence


@pytest.mark.parametrize(
    ("requirement", "installed", "fits"),
    [
        ("torch>=2.6,<2.14", "2.13.1+cpu", True),
        ("torch>=2.6,<2.14", "2.14.0", False),
        ("a>=1.10", "1.9", False),
        ("a==1.0.0", "1.0", True),
        ("a!=1.82.7", "1.82.7", False),
        ("a", "0.0.1", True),
        ("a>=1", None, False),
    ],
)
def test_versions_are_compared_by_their_numbers(
    requirement: str, installed: str | None, fits: bool
) -> None:
    assert Package("a", requirement, installed).fits() is fits


def test_requirements_come_from_the_installed_package(monkeypatch: pytest.MonkeyPatch) -> None:
    required = [
        "numpy>=2.0",
        'no-such-package>=1; python_version > "3"',
        'pytest>=9; extra == "dev"',
    ]
    monkeypatch.setattr(packages_module, "requires", lambda _: required)
    found = needed_packages()
    assert [(p.name, p.fits()) for p in found] == [("numpy", True), ("no-such-package", False)]


@pytest.mark.parametrize(
    ("serious", "model", "status"),
    [(True, "a/b", "problem"), (True, "", "warning"), (False, "a/b", "warning")],
)
async def test_a_prompt_that_can_t_be_used_keeps_only_a_model_from_answering(
    healthy: Probes, serious: bool, model: str, status: str
) -> None:
    flaw = Flaw("answering/write", "write.md", "it uses {{mood}}", "use words", serious=serious)
    settings = Settings(models=ModelSettings(answer=model))
    findings = await report(replace(healthy, settings=settings, prompts=lambda: [flaw]))
    found = worst(findings, "prompts")
    assert (found.status, found.detail, found.fix) == (status, "it uses {{mood}}", "use words")


async def test_an_active_release_is_told_with_what_files_would_change(healthy: Probes) -> None:
    facts = ReleaseFacts("abc", "abc", ("answer.max_words", "answering/write"))
    found = worst(await report(replace(healthy, release=lambda: facts)), "release")
    says = "abc is active; files would change answer.max_words, answering/write"
    assert (found.status, found.detail) == ("warning", says)
    assert "copilot release activate files" in found.fix
    assert worst(await report(healthy), "release").status == "ok"


async def test_a_slip_in_the_flags_and_models_that_are_off_are_told_and_keep_nobody_from_asking(
    healthy: Probes,
) -> None:
    trouble = Trouble("flags.toml:2: flags.modls is no flag.", "Did you mean models?")
    file = FlagFile({"models": Switch("models", on=False)}, troubles=(trouble,))
    findings = await report(replace(healthy, flags=lambda: file))
    told = [one for one in findings if one.check == "flags"]
    assert [one.status for one in told] == ["warning", "warning"]
    assert told[0].fix == "Did you mean models?"
    assert told[1].fix == 'copilot flags set models on --reason "…"'
    assert verdict(findings) is ExitCode.DONE
    assert worst(await report(healthy), "flags").detail == (
        "nothing is switched off; no experiment is running"
    )
