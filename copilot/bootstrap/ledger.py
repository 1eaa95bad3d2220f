"""The parts of a Copilot that remember what happened.

Invariant: as in ``copilot.bootstrap``: each is built on first use.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.system import new_id
from copilot.bootstrap.foundation import Foundation
from copilot.errors import ConfigError

if TYPE_CHECKING:
    from copilot.adapters.ledger.free_sql import LedgerSql
    from copilot.adapters.ledger.keeper import LedgerKeeper
    from copilot.adapters.ledger.parquet import LedgerParquet
    from copilot.adapters.ledger.trials import LedgerTrials
    from copilot.audit.trail import ChainedTrail
    from copilot.ports import RunGroup, RunReader, RunWriter


class LedgerParts(Foundation):
    """Writers and readers of runs, the audit trail, and what deletes records."""

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
    def trial_reader(self) -> LedgerTrials:
        """The runs of experiments."""
        from copilot.adapters.ledger.trials import LedgerTrials

        return LedgerTrials(self.paths.ledger)

    @property
    def passing_trial_reader(self) -> LedgerTrials:
        """The same for a look in passing, which waits for nobody."""
        from copilot.adapters.ledger.trials import LedgerTrials

        return LedgerTrials(self.paths.ledger, hasty=True)

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
