"""Imports LanceDB quietly, and without the half of it that a local index never uses.

``import lancedb`` builds some 400 pydantic models of a REST catalogue (the package
``lance_namespace_urllib3_client``), which is most of the time it takes: 1.4 s against 0.5 s
without, measured with lancedb 0.40. While lancedb is imported, a stand-in takes the place of
each of those classes; it fetches the real one when it is first used.

Invariant: a catalogue package that is already imported is left alone, no stand-in stays in
``sys.modules``, and when anything goes wrong the import is done again, plainly.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import sys
import threading
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from types import ModuleType
from typing import Any

CATALOGUE = "lance_namespace_urllib3_client"
_IMPORTED_WITH_IT = ("lancedb", "lance_namespace")
_lock = threading.Lock()


def lancedb() -> Any:
    """The lancedb module, imported on the first call."""
    with _lock:
        loaded = sys.modules.get("lancedb")
        if loaded is not None:
            return loaded
        # Its warnings go to stderr from Rust, where nobody can catch them; read at import.
        os.environ.setdefault("LANCEDB_LOG", "error")
        if any(name.partition(".")[0] == CATALOGUE for name in list(sys.modules)):
            return importlib.import_module("lancedb")
        return _import_without(CatalogueFinder())


def _import_without(finder: MetaPathFinder) -> Any:
    sys.meta_path.insert(0, finder)
    try:
        return importlib.import_module("lancedb")
    except (ImportError, AttributeError, TypeError, ValueError, NameError):
        _forget(_IMPORTED_WITH_IT)
    finally:
        sys.meta_path.remove(finder)
        _forget((CATALOGUE,))
    return importlib.import_module("lancedb")


def _forget(packages: Sequence[str]) -> None:
    """Drop half-imported modules; compiled ones can't be loaded twice and stay."""
    for name, module in list(sys.modules.items()):
        compiled = isinstance(
            getattr(getattr(module, "__spec__", None), "loader", None),
            importlib.machinery.ExtensionFileLoader,
        )
        if name.partition(".")[0] in packages and not compiled:
            del sys.modules[name]


class _StandIn(type):
    """The type of a class that is fetched from the catalogue when something is done with it."""

    _home: str

    def _real(cls) -> Any:
        return getattr(importlib.import_module(cls._home), cls.__name__)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls._real()(*args, **kwargs)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(cls._real(), name)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls._real())

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls._real())


class _StandInModule(ModuleType):
    """A module of the catalogue in which every public name is a class to fetch later."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        stand_in = _StandIn(name, (), {"_home": self.__name__})
        setattr(self, name, stand_in)
        return stand_in


class CatalogueFinder(MetaPathFinder, Loader):
    """Answers imports of the catalogue's modules with stand-ins."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] != CATALOGUE:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run: names appear when they are asked for."""
