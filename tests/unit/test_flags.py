"""What a file of flags says: rules, shares, what is wrong, and what holds all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.adapters.flags import build_flags
from copilot.adapters.flags.asking import FileFlags
from copilot.adapters.flags.disk import FlagsOnDisk
from copilot.config.schema import Settings
from copilot.errors import ConfigError
from copilot.flags import Asker, Experiment, FlagFile, Variant
from copilot.flags.overrides import with_overrides, wrong_overrides
from copilot.flags.reading import read
from copilot.flags.values import Whom, job_of

ANN = Asker("ann", ("support",))


def test_what_another_process_writes_holds_at_the_next_call(tmp_path: Path) -> None:
    file = tmp_path / "flags.toml"
    flags = build_flags(file, ANN)
    for text, on in [("true ", True), ("false", False), ("true ", True)]:
        file.write_text(f"[flags]\nmodels = {text}\n")  # of one length each time
        assert flags.on("models") is on
    file.unlink()
    assert flags.switch("models").reason == "default"


def test_off_is_off_whatever_the_rules(tmp_path: Path) -> None:
    file = tmp_path / "flags.toml"
    file.write_text('[flags.cache]\non = false\nrules = [{ principals = ["ann"], on = true }]\n')
    assert not build_flags(file, ANN).on("cache")


SLIPS = {
    "flags = { modls = false }": ":1: flags.modls is no flag.|Did you mean models?",
    'flags = { models = "off" }': ":1: flags.models.on must be true or false, not a text.|",
    "[flags.cache]\notherwis = false": (
        ":2: flags.cache.otherwis is unknown.|Did you mean otherwise?"
    ),
    "[flags.cache]\nrules = [{ share = 7 }]": "flags.cache.rules[1].share must be from 0 to 1",
    '[flags.cache]\nrules = [{ kinds = ["asks"] }]': "flags.cache.rules[1].kinds holds 'asks'",
    "[experiments.a.variants]\ncontrol = { weight = 50 }\nb = { weight = 60 }": (
        ":1: experiments.a.variants has weights that add up to 110.|Make it 100."
    ),
    "[experiments.a.variants]\ncontrol = { weight = 50 }\nb = { }": "has a weight for some only",
    "[experiments.a.variants]\nb = { }": "needs a control and one more",
    "[experiments.a]": "needs a control and one more",
    '[experiments.a.variants]\ncontrol = { "answer.max_words" = 30 }\nb = { }': (
        "experiments.a.variants.control changes something"
    ),
    '[experiments.a.variants]\ncontrol = { }\nb = { "answer.max_wrds" = 80 }': (
        "answer.max_wrds is no setting.|Did you mean answer.max_words?"
    ),
    '[experiments.a.variants]\ncontrol = { }\nb = { "answer.max_words" = "x" }': (
        "experiments.a.variants.b.answer.max_words must be a whole number"
    ),
    "[experiments.a.variants]\ncontrol = { }\nb = { answer.max_words = 3 }": "at least 20, not 3",
    '[experiments.a.variants]\ncontrol = { }\nb = { "ledger.enabled" = false }': (
        "ledger.enabled is nothing that an experiment may change"
    ),
    '[experiments.a.variants]\ncontrol = { }\nb = { "extraction.jobs" = 3 }': (
        "extraction.jobs is nothing that an experiment may change"
    ),
    '[experiments.a.variants]\ncontrol = { }\nb = { "extraction.model" = "x/y", '
    '"answer.max_words" = 80 }': (
        ":1: experiments.a.variants change answers and records.|Make two experiments of it."
    ),
    '[experiments.a]\nkinds = ["ask"]\n[experiments.a.variants]\ncontrol = { }\n'
    'b = { "extraction.model" = "x/y" }': (
        ":2: experiments.a.kinds leaves out extract, which it changes.|Leave kinds out."
    ),
    '[experiments.a.variants]\ncontrol = { }\nb = { models.routes.extract.than = ["x/y"] }': (
        "models.routes.extract.than"
    ),
    '[experiments.a.variants]\ncontrol = { }\nb = { "search.limit" = 3 }': (
        "search.limit is nothing that an experiment may change"
    ),
    '[experiments.a.variants]\ncontrol = { }\nb = { "search.candidates" = 1 }': (
        "b.search.candidates must be at least 5, not 1"
    ),
    '[experiments.a.variants]\ncontrol = { }\nb = { "prompts.answering/write" = 2 }': (
        "must be a label or version of a prompt"
    ),
    '[experiments.a]\nstate = "paused"\nvariants = { control = {}, b = {} }': (
        ":2: experiments.a.state must be one of running, halted, done, not a text."
    ),
    "[experiments.models]\nvariants = { control = {}, b = {} }": "is the name of a switch",
    "[flag]\nmodels = false": ":1: flag is unknown.|Did you mean flags?",
    "flags = 3": ":1: flags must be a table, not 3.",
    "[flags\n": ":1 is not valid TOML",
}


@pytest.mark.parametrize(("text", "told"), SLIPS.items(), ids=range(len(SLIPS)))
def test_a_slip_is_told_with_its_place_and_remedy(text: str, told: str) -> None:
    found = read(text.encode(), Path("/home/x/flags.toml"))
    [trouble] = found.troubles
    assert trouble.message.startswith("/home/x/flags.toml")
    what, _, hint = told.partition("|")
    assert what in trouble.message
    assert not hint or trouble.hint == hint
    assert not found.experiments


def test_a_route_is_changed_entry_by_entry_and_the_rest_of_it_stays() -> None:
    route = {"cheap": ["x/small"], "then": ["x/next"]}
    models = {"answer": "x/large", "routes": {"answer": route, "extract": {"then": ["x/next"]}}}
    settings = Settings.model_validate({"models": models})
    overrides = {"models.routes.answer.then": ["x/other"], "models.temperature": 0.5}
    assert not list(wrong_overrides(overrides))
    changed = with_overrides(settings, overrides).models
    assert changed.routes["answer"].then == ("x/other",)
    assert changed.routes["answer"].cheap == ("x/small",)
    assert (changed.routes["extract"], changed.temperature) == (
        settings.models.routes["extract"],
        0.5,
    )
    with pytest.raises(ConfigError, match=r"models\.routes\.answer\.strong doesn't go with"):
        with_overrides(settings, {"models.routes.answer.strong": ["x/small"]})


@pytest.mark.parametrize(
    ("key", "job"),
    [
        ("extraction.model", "extract"),
        ("models.routes.extract.then", "extract"),
        ("prompts.extraction/read", "extract"),
        ("models.routes.answer.then", "ask"),
        ("models.answer", "ask"),
        ("search.candidates", "ask"),
        ("prompts.answering/write", "ask"),
        ("models.temperature", None),
    ],
)
def test_what_is_changed_tells_which_runs_are_tried(key: str, job: str | None) -> None:
    variants = (Variant("control", 50), Variant("b", 50, {key: "x"}))
    of_any, of_records = (
        Experiment("e", variants, whom=Whom(kinds=kinds)) for kinds in ((), ("extract",))
    )
    assert job_of(key) == job
    assert of_any.job == (job or "ask")
    assert of_records.job == (job or "extract")


def test_a_switch_that_cant_be_read_is_off_and_its_neighbours_hold(tmp_path: Path) -> None:
    file = tmp_path / "flags.toml"
    file.write_text('[flags]\nmodels = "no"\ncache = false\n[flags.judge]\n')
    flags = build_flags(file, ANN)
    assert flags.switch("models").reason == "error"
    assert [flags.on(name) for name in ("models", "cache", "judge", "rewrite")] == [
        False,
        False,
        True,
        True,
    ]


def test_a_file_that_is_no_toml_any_more_leaves_in_force_what_it_said(tmp_path: Path) -> None:
    file = tmp_path / "flags.toml"
    disk = FlagsOnDisk(file)
    file.write_text("flags = { models = false }")
    assert not disk.now().switch("models").on
    file.write_text("flags = { models = false")
    for _ in range(2):
        now = disk.now()
        assert not now.switch("models").on
        assert not now.readable
        assert len(now.troubles) == 1
    assert FlagsOnDisk(file).now().switch("models").on  # who never read it otherwise


def test_two_running_experiments_may_not_change_the_same() -> None:
    text = "".join(
        f'[experiments.{name}.variants]\ncontrol = {{}}\nb = {{ "answer.max_words" = {words} }}\n'
        for name, words in [("one", 50), ("two", 60)]
    )
    found = read(text.encode(), Path("flags.toml"))
    assert list(found.experiments) == ["one"]
    assert "experiments.two changes answer.max_words, which one changes too" in (
        found.troubles[0].message
    )
    ended = text.replace(
        "[experiments.one.", '[experiments.one]\nstate = "done"\n[experiments.one.'
    )
    assert not read(ended.encode(), Path("flags.toml")).troubles


def test_a_file_that_is_too_large_is_told_and_leaves_in_force_what_it_said(tmp_path: Path) -> None:
    file = tmp_path / "flags.toml"
    disk = FlagsOnDisk(file)
    file.write_text("flags = { models = false }")
    assert not disk.now().switch("models").on
    file.write_text("# a line\n" * 120_000 + "[flags]\ncache = false\n")
    now = disk.now()
    assert [one.message for one in now.troubles] == [f"{file} is larger than 1 MB."]
    assert not now.switch("models").on


def test_a_variant_that_was_renamed_while_it_is_asked_for_is_none(tmp_path: Path) -> None:
    text = '[experiments.e.variants]\ncontrol = {}\nb = { "answer.max_words" = 33 }\n'

    class Written(FlagsOnDisk):
        """Written by somebody else after the first look."""

        def now(self) -> FlagFile:
            found = super().now()
            self.file.write_text(text.replace("b =", "c ="))
            return found

    file = tmp_path / "flags.toml"
    told = set()
    for n in range(20):
        file.write_text(text)
        flags = FileFlags(Written(file), ANN)
        told |= {one.variant for _, one in flags.trials(Asker(f"user-{n}"))}
    assert told == {"control"}
