"""The composition root: settings and paths become a Copilot, each part built on first use.

Invariant: building a Copilot imports nothing heavy and touches no file but the configuration;
only this module and ``operations`` name both a domain room and an adapter.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.system import SystemClock, new_id
from copilot.config.load import load
from copilot.config.paths import Paths
from copilot.config.schema import Settings
from copilot.errors import ConfigError, ModelAuthError, UsageError
from copilot.inputs import AnswerInputs
from copilot.messages import Principal, SearchFilter

if TYPE_CHECKING:
    from copilot.adapters.conversations.attachments import FileAttachments
    from copilot.adapters.ledger.free_sql import LedgerSql
    from copilot.adapters.ledger.keeper import LedgerKeeper
    from copilot.adapters.ledger.parquet import LedgerParquet
    from copilot.adapters.secrets.chain import SecretChain
    from copilot.answering.asked import AskedBefore
    from copilot.answering.conversing import Conversing
    from copilot.answering.quoting import QuotingAnswerer
    from copilot.answering.turn import AskParts
    from copilot.answering.writing import WritingAnswerer
    from copilot.audit.trail import ChainedTrail
    from copilot.delivery import Delivery
    from copilot.knowledge.attaching import Attaching
    from copilot.knowledge.ingest import Ingest
    from copilot.knowledge.picking import Picking
    from copilot.knowledge.search import Searcher
    from copilot.knowledge.shelf import Shelf
    from copilot.knowledge.viewing import Viewing
    from copilot.ledger.erasing import Records
    from copilot.outbound import Outbound
    from copilot.ports import Embedder, PassageIndex, RunGroup, RunReader, RunWriter
    from copilot.prompting import Prompt, PromptLibrary
    from copilot.routes import ModelRoutes
    from copilot.talks import ConversationStore


@dataclass
class Copilot:
    """Everything that a command may need; a part that isn't touched isn't imported."""

    settings: Settings
    paths: Paths
    warnings: tuple[str, ...] = ()
    clock: SystemClock = field(default_factory=SystemClock)
    given_prompts: tuple[Prompt, ...] = ()

    @property
    def where(self) -> SearchFilter:
        """What the configured principal may see."""
        principal = self.settings.principal
        return SearchFilter(principal=Principal(name=principal.name, groups=principal.groups))

    @cached_property
    def embedder(self) -> Embedder:
        from copilot.adapters.embedding import build_embedder

        return build_embedder(
            self.settings.embedding,
            cache=self.paths.cache,
            key_for=self.model_key,
            prices=self.settings.models.prices,
        )

    @cached_property
    def index(self) -> PassageIndex:
        from copilot.adapters.index import build_index

        keep = timedelta(days=self.settings.index.keep_days)
        return build_index(self.paths.index, keep=keep)

    @cached_property
    def searcher(self) -> Searcher:
        from copilot.knowledge.search import Searcher

        return Searcher(self.index, self.embedder)

    @cached_property
    def picking(self) -> Picking:
        """Documents by what is typed of their names."""
        from copilot.knowledge.picking import Picking

        return Picking(self.index)

    @cached_property
    def shelf(self) -> Shelf:
        """The documents by folder, for who looks through them."""
        from copilot.knowledge.shelf import Shelf

        return Shelf(self.index)

    @cached_property
    def viewing(self) -> Viewing:
        """Documents' texts, for who wants to read on around a passage."""
        from copilot.adapters.readers.decoding import decode
        from copilot.knowledge.viewing import Viewing

        return Viewing(self.index, lambda data, name: decode(data, name).text)

    @cached_property
    def ingest(self) -> Ingest:
        from copilot.adapters.embedding.memory import allocate_sparingly
        from copilot.adapters.readers.registry import read_documents
        from copilot.adapters.sources.folder import FolderSource
        from copilot.knowledge.ingest import Ingest

        allocate_sparingly()
        return Ingest(
            index=self.index,
            embedder=lambda: self.embedder,
            source=FolderSource(self.settings.index, own=self.paths.written),
            read=read_documents,
            settings=self.settings.index,
            clock=self.clock,
        )

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
    def attachments(self) -> FileAttachments:
        """What lies beside conversations."""
        from copilot.adapters.conversations.attachments import FileAttachments

        return FileAttachments(self.paths.conversations)

    @cached_property
    def attaching(self) -> Attaching:
        """Files and texts that a conversation's questions are asked about."""
        from copilot.adapters.readers.registry import read_documents
        from copilot.knowledge.attaching import Attaching

        return Attaching(
            store=self.attachments,
            read=read_documents,
            embedder=lambda: self.embedder,
            passage_tokens=self.settings.index.passage_tokens,
            principal=self.settings.principal.name,
        )

    @cached_property
    def secrets(self) -> SecretChain:
        from copilot.adapters.secrets import build_secrets

        return build_secrets(self.paths.keys_file, os.environ)

    def model_key(self, name: str) -> str | None:
        """A provider's key. A store that can't be opened is a model's failure: answers degrade."""
        try:
            return self.secrets.get(name)
        except UsageError as error:
            raise ModelAuthError(error.message, hint=error.hint) from error

    @property
    def run_writer(self) -> RunWriter:
        """A new writer, which gives each run a spool of its own; a null one when switched off."""
        from copilot.adapters.ledger import build_run_writer

        return build_run_writer(self.paths.ledger, self.settings.ledger)

    @property
    def run_group(self) -> RunGroup:
        """A new writer for runs that reach the disk together."""
        from copilot.adapters.ledger import build_run_group

        return build_run_group(self.paths.ledger, self.settings.ledger)

    @cached_property
    def run_reader(self) -> RunReader:
        """What was recorded; opens the database only when asked."""
        from copilot.adapters.ledger import build_run_reader

        return build_run_reader(self.paths.ledger)

    @cached_property
    def audit_trail(self) -> ChainedTrail:
        """Who changed keys, trust, the index or the records; its key is made on first use."""
        from copilot.adapters.audit import AppendOnlyFile, account
        from copilot.adapters.secrets.plain_file import PlainFileStore
        from copilot.audit.trail import ChainedTrail

        chosen = self.settings.audit.anchor
        anchor = Path(os.path.expanduser(chosen)).absolute()  # noqa: PTH111 (never raises)
        taken = (self.paths.audit, self.paths.audit_key, self.paths.keys_file)
        if chosen and anchor.resolve() in {path.resolve() for path in taken}:
            raise ConfigError(
                f"audit.anchor is {anchor}, which is another file of copilot's.",
                hint="Name a file of its own, on another disk or share.",
            )
        plain = PlainFileStore(self.paths.audit_key)
        stores = {store.name: store for store in self.secrets.stores}
        return ChainedTrail(
            AppendOnlyFile(self.paths.audit),
            AppendOnlyFile(anchor if chosen else self.paths.audit_anchor),
            # The plain file before the keyring, which takes its time to say that it has nothing.
            find_in=(stores["environment"], plain, stores["keyring"], stores["file"]),
            keep_in=(stores["keyring"], plain),
            clock=self.clock,
            new_id=new_id,
            account=account(),
        )

    @cached_property
    def sql_reader(self) -> LedgerSql:
        """Free SQL over what was recorded."""
        from copilot.adapters.ledger.free_sql import LedgerSql

        return LedgerSql(self.paths.ledger)

    @cached_property
    def parquet(self) -> LedgerParquet:
        """Writes what was recorded as files for other tools."""
        from copilot.adapters.ledger.parquet import LedgerParquet

        return LedgerParquet(self.paths.ledger)

    @cached_property
    def keeper(self) -> LedgerKeeper:
        """Deletes on purpose what the ledger holds."""
        from copilot.adapters.ledger.keeper import LedgerKeeper

        return LedgerKeeper(self.paths.ledger)

    @cached_property
    def records(self) -> Records:
        """Everything that holds a person's words."""
        from copilot.ledger.erasing import Records

        return Records(
            keeper=self.keeper,
            conversations=self.conversations,
            attachments=self.attachments,
            outbox=self.delivery.outbox,
            logs=self.paths.log,
            audit=self.audit_trail,
            clock=self.clock,
            owner=self.settings.principal.name,
        )

    @cached_property
    def outbound(self) -> Outbound:
        """Traces, metrics and alerts, on their way out."""
        from copilot.outbound import Outbound

        return Outbound(self.settings, self.paths, key_for=self.secrets.get)

    @cached_property
    def delivery(self) -> Delivery:
        """Records, on their way to ticket and CRM systems."""
        from copilot.delivery import Delivery

        return Delivery(
            self.settings,
            self.paths,
            key_for=self.secrets.get,
            audit=lambda: self.audit_trail,
            writer=lambda: self.run_writer,
            clock=self.clock,
        )

    @cached_property
    def quoting(self) -> QuotingAnswerer:
        from copilot.answering.quoting import QuotingAnswerer

        return QuotingAnswerer(self.settings.answer)

    @cached_property
    def prompts(self) -> PromptLibrary:
        """Those that were given, then the user's own prompt files, then ours."""
        from copilot.config.paths import bundled
        from copilot.prompting import PromptLibrary

        folders = [self.paths.prompts, bundled("prompts")]
        return PromptLibrary(folders, given=self.given_prompts)

    @cached_property
    def routes(self) -> ModelRoutes:
        """Chat models, by the job that they are for."""
        from copilot.routes import ModelRoutes

        return ModelRoutes(
            self.settings, self.paths.models_file, key_for=self.model_key, clock=self.clock
        )

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

        return WritingAnswerer(gateway, self.settings, prompts=self.prompts)

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
        )

    def conversing_with(self, model: str) -> Conversing:
        """As ``conversing``, over the same index, answered by this model. Raises ConfigError."""
        from copilot.gateway.choosing import answered_by

        other = replace(self, settings=answered_by(self.settings, model))
        parts = replace(self.ask_parts, writing=other.writing, made_with=other.made_with)
        return replace(self.conversing, parts=parts)

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


def build(overrides: Mapping[str, object] | None = None) -> Copilot:
    """Read the configuration and stand ready. Raises ConfigError."""
    paths = Paths.from_environment(os.environ)
    loaded = load(paths, os.environ, overrides=overrides or {})
    return Copilot(settings=loaded.settings, paths=paths, warnings=loaded.warnings)


def build_anyway(paths: Paths) -> Copilot:
    """With the defaults where the configuration doesn't load: for commands that mend it."""
    from copilot.config.load import inspect

    return Copilot(settings=inspect(paths, os.environ).settings or Settings(), paths=paths)
