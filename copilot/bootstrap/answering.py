"""The parts of a Copilot that answer: models, prompts, turns, conversations.

Invariant: as in ``copilot.bootstrap``: each is built on first use.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from copilot.adapters.system import new_id
from copilot.bootstrap.knowledge import KnowledgeParts
from copilot.bootstrap.ledger import LedgerParts
from copilot.errors import CopilotError
from copilot.inputs import AnswerInputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from copilot.adapters.flags.asking import FileFlags
    from copilot.answering.aside import Asides
    from copilot.answering.asked import AskedBefore
    from copilot.answering.caching import AnswerCaching
    from copilot.answering.conversing import Conversing
    from copilot.answering.quoting import QuotingAnswerer
    from copilot.answering.trying import Trials
    from copilot.answering.turn import AskParts
    from copilot.answering.writing import WritingAnswerer
    from copilot.caching import AnswerCache
    from copilot.flags import Experiment, FlagFile
    from copilot.flags.values import Trouble
    from copilot.gateway.trying import Tried
    from copilot.prompting import PromptLibrary
    from copilot.releases import Content, Releases
    from copilot.routes import ModelRoutes
    from copilot.talks import ConversationStore


class AnsweringParts(KnowledgeParts, LedgerParts):
    """What a turn works with, and the conversations that it belongs to."""

    @cached_property
    def conversations(self) -> ConversationStore:
        from copilot.adapters.conversations import build_conversations

        return build_conversations(self.paths.conversations)

    @cached_property
    def asked_before(self) -> AskedBefore:
        """The questions of all conversations."""
        from copilot.answering.asked import AskedBefore

        return AskedBefore(self.conversations)

    @cached_property
    def quoting(self) -> QuotingAnswerer:
        from copilot.answering.quoting import QuotingAnswerer

        return QuotingAnswerer(self.settings.answer)

    @cached_property
    def prompts(self) -> PromptLibrary:
        """What is in force: those that were given, then the active release's, or else of files."""
        from copilot.prompting import PromptLibrary

        if self.pinned:
            from copilot.config.pinned import PROMPTS

            kept, ours = self.paths.releases / self.pinned / PROMPTS, self.prompt_files.ours.path
            return PromptLibrary([kept], given=self.given_prompts, ours=ours)
        folders = [folder.path for folder in self.prompt_files.folders]
        return PromptLibrary(folders, given=self.given_prompts)

    @cached_property
    def prompt_files(self) -> PromptLibrary:
        """The user's own prompt files, then ours."""
        from copilot.config.paths import bundled
        from copilot.prompting import PromptLibrary

        return PromptLibrary([self.paths.prompts, bundled("prompts")])

    @cached_property
    def flags(self) -> FileFlags:
        """Switches and experiments, as their file says at each call."""
        from copilot.adapters.flags import build_flags
        from copilot.flags import Asker

        principal, file = self.settings.principal, self.paths.flags_file
        asker = Asker(principal.name, principal.groups)
        return build_flags(file, asker, wrong=self._wrong_values)

    def flags_in(self, file: Path) -> FlagFile:
        """What another file of flags says, and what is wrong in it. Switches nothing."""
        from copilot.adapters.flags.disk import FlagsOnDisk

        return FlagsOnDisk(file, wrong=self._wrong_values).now()

    def flags_of(self, text: str) -> FlagFile:
        """What the file of flags would say with this text, and what would be wrong in it."""
        from copilot.adapters.flags.disk import judged

        return judged(text.encode(), self.paths.flags_file, self._wrong_values)

    def judge_flags(self) -> None:
        """Have its prompts and settings say from now on which experiments can run."""
        from copilot.adapters.flags import judge_by

        judge_by(self.paths.flags_file, self._wrong_values)

    def _wrong_values(self, experiment: Experiment) -> Sequence[tuple[str, Trouble]]:
        """Prompts that there are not, and models that can't be one."""
        from copilot.flags.overrides import with_overrides, wrong_models
        from copilot.flags.values import Trouble

        library, troubles = replace(self).prompts, []
        for variant in experiment.variants:
            troubles += [
                (f"{variant.name}.{one.key}", Trouble(one.what, one.hint))
                for one in wrong_models(variant.overrides, self.settings.models.at)
            ]
            try:
                with_overrides(self.settings, variant.overrides)
            except CopilotError as error:
                told = Trouble(f"can't be made: {error.message}", error.hint)
                troubles.append((variant.name, told))
            for prompt, label in variant.prompts.items():
                try:
                    library.called(prompt, label)
                except CopilotError as error:
                    told = Trouble(f"can't be had: {error.message}", error.hint)
                    troubles.append((f"{variant.name}.prompts.{prompt}", told))
        return troubles

    @cached_property
    def trials(self) -> Trials:
        """The variants of the experiments that a run takes part in."""
        from copilot.answering.trying import Trials

        return Trials(self.flags, self._varied)

    def with_variant(self, overrides: Mapping[str, object]) -> Self:
        """The same with the settings and prompts of a variant.

        Raises ConfigError, and NotFoundError for a prompt.
        """
        from copilot.flags.overrides import labels_of, with_overrides
        from copilot.gateway.choosing import answered_by

        settings, model = self.settings, overrides.get("models.answer")
        if isinstance(model, str) and model:
            settings = answered_by(settings, model)
        prompts = [self.prompts.called(name, label) for name, label in labels_of(overrides)]
        changed = with_overrides(settings, overrides)
        return replace(self, settings=changed, given_prompts=tuple(prompts))

    def _varied(self, overrides: Mapping[str, object]) -> AskParts:
        """The parts of a turn with what a variant changes, over the same index.

        Raises ConfigError, and NotFoundError for a prompt.
        """
        other = self.with_variant(overrides)
        return replace(
            self.ask_parts,
            quoting=other.quoting,
            writing=other.writing,
            history_turns=other.settings.answer.history_turns,
            made_with=other.made_with,
            release=other.release,
            passages=other.settings.answer.passages,
            retrieval=other.settings.search.retrieval,
        )

    @cached_property
    def release(self) -> str:
        """The id of all that decides answers and records; it stands on every run.

        What it stands for is kept by whoever asks.
        """
        from copilot.config.deciding import key_names, policy_place
        from copilot.releases import MadeOf

        content, policy = self.content, policy_place(self.settings, self.paths)
        self.releases.used(
            content,
            MadeOf(self.prompts, policy, key_names(self.settings)),
            at=self.clock.now(),
            by_files=self.by_files is self.settings and not self.given_prompts,
        )
        return content.id

    @property
    def content(self) -> Content:
        """What decides answers and records now."""
        from copilot.releases import in_force

        return in_force(self.settings, self.paths, self.prompts)

    @cached_property
    def releases(self) -> Releases:
        """Those that were in force."""
        from copilot.releases import Releases

        return Releases(self.paths.releases)

    @cached_property
    def routes(self) -> ModelRoutes:
        """Chat models, by the job that they are for."""
        from copilot.routes import ModelRoutes

        return ModelRoutes(
            self.settings,
            self.paths.models_file,
            key_for=self.model_key,
            clock=self.clock,
            flags=self.flags,
            budgets=self.budgets,
        )

    async def model_tried(self, name: str) -> Tried:
        """Ask the model of this name for one word: a run of its own, so its cost is counted.

        Raises ConfigError for what can't be a name, and ModelOffError.
        """
        from copilot.errors import ModelError
        from copilot.events import RunStarted
        from copilot.gateway.deployments import deployment
        from copilot.gateway.trying import trial
        from copilot.ledger.recording import record

        model = deployment(self.settings, name).model
        what = name if name == model else f"{name} ({model})"
        who, found = self.settings.principal.name, list["Tried"]()

        async def trying() -> Tried:
            found.append(await self.routes.tried(name))
            return found[-1]

        start = RunStarted(new_id(), "test", what, "", who, self.clock.now(), self.release)
        run = trial(name, trying, start=start, clock=self.clock)
        try:
            async with aclosing(record(run, self.run_writer)) as events:
                async for _ in events:
                    pass
        except ModelError:
            if not found:
                raise
        return found[0]

    @property
    def answers_first(self) -> str:
        """The model that is asked first for an answer; empty without one."""
        from copilot.gateway.deployments import first

        return first(self.settings)

    @cached_property
    def writing(self) -> WritingAnswerer | None:
        """None when no chat model is configured."""
        gateway = self.routes.chat("answer")
        if gateway is None:
            return None
        from copilot.answering.writing import WritingAnswerer

        asides = self.asides
        return WritingAnswerer(gateway, self.settings, prompts=self.prompts, asides=asides)

    @property
    def asides(self) -> Asides:
        """What models are asked beside an answer, as far as the configuration has them."""
        from copilot.answering.aside import ASIDES, Aside, Asides

        found = {}
        for job, prompt in ASIDES.items():
            if (gateway := self.routes.chat(job)) is not None:
                models = self.settings.models
                found[job] = Aside(gateway, models, prompts=self.prompts, prompt=prompt)
        return Asides(**found)

    @cached_property
    def kept_answers(self) -> AnswerCache:
        """Answers that may be given again."""
        from copilot.adapters.cache import build_answers
        from copilot.caching import Bounds

        chosen = self.settings.cache
        bounds = Bounds(chosen.max_entries, int(chosen.max_mb * 1e6), chosen.keep_days)
        return build_answers(self.paths.answers_file, bounds)

    @property
    def caching(self) -> AnswerCaching | None:
        """None where it is switched off, or no texts are to be kept."""
        if not (self.settings.cache.enabled and self.settings.ledger.bodies):
            return None
        from copilot.answering.caching import AnswerCaching

        def on() -> bool:  # what is kept was written by models, too
            return self.flags.on("cache") and self.flags.switch("models").on

        return AnswerCaching(
            self.kept_answers,
            self.settings.cache,
            self.clock,
            on=on,
            alike=lambda: self.flags.on("semantic-cache"),
        )

    @cached_property
    def ask_parts(self) -> AskParts:
        from copilot.answering.turn import AskParts

        return AskParts(
            searcher=self.searcher,
            quoting=self.quoting,
            writing=self.writing,
            clock=self.clock,
            new_id=new_id,
            history_turns=self.settings.answer.history_turns,
            made_with=self.made_with,
            release=self.release,
            caching=self.caching,
            passages=self.settings.answer.passages,
            retrieval=self.settings.search.retrieval,
        )

    @cached_property
    def conversing(self) -> Conversing:
        """Turns of conversations, recorded and kept."""
        from copilot.answering.conversing import Conversing

        return Conversing(
            parts=self.ask_parts,
            conversations=self.conversations,
            writer=lambda: self.run_writer,
            principal=self.settings.principal.name,
            trials=self.trials,
        )

    def conversing_with(self, model: str) -> Conversing:
        """As ``conversing``, over the same index, answered by this model: no experiment.

        Raises ConfigError.
        """
        from copilot.gateway.choosing import answered_by

        other = replace(self, settings=answered_by(self.settings, model))
        parts = replace(
            self.ask_parts,
            writing=other.writing,
            made_with=other.made_with,
            release=other.release,
        )
        return replace(self.conversing, parts=parts, trials=None)

    @property
    def made_with(self) -> AnswerInputs:
        """The settings that decide an answer, as a run records them."""
        answer, models = self.settings.answer, self.settings.models
        writes = bool(self.answers_first)
        return AnswerInputs(
            max_words=answer.max_words,
            abstain_below=answer.abstain_below,
            model=self.answers_first,
            max_output_tokens=models.max_output_tokens if writes else 0,
            temperature=models.temperature if writes else 0.0,
        )
