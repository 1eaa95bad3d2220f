"""LanceDB without its REST catalogue: cheaper, and never at the price of working."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.corpora import REPOSITORY


def run(program: str) -> dict[str, object]:
    """Run ``program`` in a fresh interpreter; it leaves its result in ``result``."""
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport json; print(json.dumps(result))"],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


# A local index: created, written, searched, by the module in ``lancedb``.
_USE = """
import tempfile, sys
from copilot.adapters.index.loading import CATALOGUE, lancedb
def works(module):
    with tempfile.TemporaryDirectory() as folder:
        table = module.connect(folder).create_table("t", [{"id": "a", "vector": [1.0, 0.0]}])
        return table.search([1.0, 0.0]).limit(1).to_list()[0]["id"] == "a"
def catalogue():
    return sorted(name for name in sys.modules if name.startswith(CATALOGUE))
"""


def test_the_catalogue_is_not_imported_and_no_stand_in_stays_behind() -> None:
    result = run(
        f"{_USE}\nmodule = lancedb()\nresult = dict(works=works(module), left=catalogue(), "
        "finders=[type(f).__name__ for f in sys.meta_path if 'copilot' in type(f).__module__])"
    )
    assert result == {"works": True, "left": [], "finders": []}


def test_a_stand_in_becomes_the_real_class_when_it_is_used() -> None:
    result = run(
        f"{_USE}\nlancedb()\nimport lance_namespace\n"
        "made = lance_namespace.ListTablesResponse(tables=['x'])\n"
        "from lance_namespace_urllib3_client.models import ListTablesResponse as Real\n"
        "result = dict(real=type(made) is Real, "
        "instance=isinstance(made, lance_namespace.ListTablesResponse), "
        "attribute=lance_namespace.ListTablesResponse.model_validate({'tables': []}).tables)"
    )
    assert result == {"real": True, "instance": True, "attribute": []}


def test_a_catalogue_that_is_already_imported_is_used_as_it_is() -> None:
    result = run(
        f"{_USE}\nimport lance_namespace_urllib3_client.models\nbefore = catalogue()\n"
        "module = lancedb()\nresult = dict(works=works(module), same=before == catalogue())"
    )
    assert result == {"works": True, "same": True}


def test_stand_ins_that_fail_give_way_to_the_plain_import() -> None:
    broken = """
import copilot.adapters.index.loading as loading
class Broken(loading.CatalogueFinder):
    def create_module(self, spec):
        raise ImportError("not like this")
loading.CatalogueFinder = Broken
module = loading.lancedb()
result = dict(works=works(module), plain=len(catalogue()) > 100)
"""
    assert run(_USE + broken) == {"works": True, "plain": True}


def test_stand_ins_that_lancedb_can_not_digest_give_way_to_the_plain_import() -> None:
    broken = """
import types
import copilot.adapters.index.loading as loading
class Odd(types.ModuleType):
    def __getattr__(self, name):
        raise TypeError(name)
class OddFinder(loading.CatalogueFinder):
    def create_module(self, spec):
        return Odd(spec.name)
loading.CatalogueFinder = OddFinder
module = loading.lancedb()
result = dict(works=works(module), plain=len(catalogue()) > 100)
"""
    assert run(_USE + broken) == {"works": True, "plain": True}


def test_an_index_that_does_not_exist_costs_no_import() -> None:
    result = run(
        "import sys\nfrom pathlib import Path\nfrom copilot.adapters.index import build_index\n"
        "from copilot.messages import SearchFilter\nindex = build_index(Path('/nowhere/index'))\n"
        "index.documents(), index.sources(), index.version(), index.identity()\n"
        "index.search_lexical('x', limit=1, where=SearchFilter())\n"
        "result = dict(heavy=[m for m in ('lancedb', 'numpy', 'pyarrow') if m in sys.modules])"
    )
    assert result == {"heavy": []}


def test_whether_it_was_imported_is_looked_up_while_other_threads_import() -> None:
    found = run(
        """
import sys, threading, types
from copilot.adapters.index import loading
loading._import_without = lambda finder: "imported"
sys.modules.update({f"stand_in_{n}": types.ModuleType("x") for n in range(200_000)})
stop = threading.Event()
def import_more():
    while not stop.is_set():
        sys.modules[f"more_{len(sys.modules)}"] = types.ModuleType("y")
sys.setswitchinterval(1e-5)
thread = threading.Thread(target=import_more)
thread.start()
try:
    result = {"lancedb": loading.lancedb()}
finally:
    stop.set()
    thread.join()
"""
    )
    assert found == {"lancedb": "imported"}
