"""What requests over the wire set aside and settle: chat, JSON and embeddings, failed ones too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.adapters.embedding.litellm_embedder import LiteLLMEmbedder
from copilot.adapters.models import build_structured_model
from copilot.adapters.system import SystemClock
from copilot.config.budgets import BudgetSettings
from copilot.config.models import ModelPrice, ModelSettings
from copilot.config.schema import Settings
from copilot.errors import BudgetError, ModelError
from copilot.events import ModelAttempt
from copilot.gateway import Gateway
from copilot.gateway.budgeting import Budgets
from copilot.messages import ModelRequest, Turn
from copilot.routes import ModelRoutes
from copilot.spending import Amount
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Reply
from tests.budgeted import budgets, run_of
from tests.integration.test_structured_wire import GOOD, NO_SCHEMAS
from tests.integration.test_structured_wire import REQUEST as FORM

pytestmark = pytest.mark.usefixtures("clients_let_go")

MODEL = "openai/scripted"
PRICES = {MODEL: ModelPrice(input=1, output=10)}
REQUEST = ModelRequest(MODEL, "", (Turn("user", "How long do I have?"),), max_output_tokens=30)
TOLD = 11 + 7 * 10  # micro-dollars, of what the server counts


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


def paying(server: OpenAIServer, folder: Path, held: Budgets) -> Gateway:
    """Asks the server, at the cost of these budgets."""
    models = ModelSettings(answer=MODEL, api_base=server.url, prices=PRICES, retries=0)
    routes = ModelRoutes(
        Settings(models=models),
        folder / "models.db",
        key_for=lambda _: "sk-1",
        clock=SystemClock(),
        budgets=held,
    )
    gateway = routes.chat("answer")
    assert gateway is not None
    return gateway


@pytest.mark.parametrize(
    ("reply", "cost"),
    [
        (scripted.text("Ten minutes."), TOLD),
        (scripted.server_error(), 0),
        (scripted.unauthorized(), 0),
        (Reply(pieces=("Ten ",), finish_reason="content_filter"), TOLD),
    ],
    ids=["whole", "down", "key", "filtered"],
)
async def test_a_chat_is_settled_on_what_the_provider_counted(
    server: OpenAIServer, tmp_path: Path, reply: Reply, cost: int
) -> None:
    server.script(reply)
    held = budgets(BudgetSettings(day_usd=1))
    gateway = paying(server, tmp_path, held)
    try:
        async for _ in gateway.stream(REQUEST):
            pass
    except ModelError:
        assert reply.finish_reason != "stop" or reply.status != 200
    [standing] = held.standings()
    assert standing.balance.reserved == Amount()
    assert standing.balance.spent.microusd == cost


@pytest.mark.parametrize("how", ["abort", "close"])
async def test_a_stream_that_breaks_is_settled_on_our_own_count(
    server: OpenAIServer, tmp_path: Path, how: str
) -> None:
    server.script(scripted.dropped(scripted.text("Ten minutes, I think."), 2, how=how))  # type: ignore[arg-type]
    held = budgets(BudgetSettings(day_usd=1))
    gateway = paying(server, tmp_path, held)
    paid: list[int] = []
    with pytest.raises(ModelError):
        async for step in gateway.stream(REQUEST):
            if isinstance(step, ModelAttempt) and step.usage is not None:
                assert step.usage.estimated
                paid.append(step.usage.cost_microusd or 0)
    [standing] = held.standings()
    assert standing.balance.spent.microusd == sum(paid) > 0
    assert standing.balance.reserved == Amount()


async def test_json_is_paid_for_by_the_request_and_the_second_is_held_too(
    server: OpenAIServer,
) -> None:
    server.script(NO_SCHEMAS, GOOD)
    held = budgets(BudgetSettings(month_usd=1))
    settings = ModelSettings(answer=FORM.model, api_base=server.url, prices=PRICES)
    model = build_structured_model(settings, key_for=lambda _: "sk-1", purse=held)
    with run_of("ann") as told:
        async for _ in model.complete(FORM):
            pass
    assert [one.change for one in told] == ["reserved", "released", "reserved", "settled"]
    assert told[0].amount_microusd >= 77 * 10
    assert told[-1].spent_microusd == TOLD
    tight = budgets(BudgetSettings(call_tokens=76))
    model = build_structured_model(settings, key_for=lambda _: "sk-1", purse=tight)
    with pytest.raises(BudgetError):
        async for _ in model.complete(FORM):
            pass
    assert len(server.requests) == 2


def test_embeddings_are_paid_for_by_the_request(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_BASE", server.url)
    server.script(scripted.text(""))
    held = budgets(BudgetSettings(day_tokens=40))
    embedder = LiteLLMEmbedder(MODEL, key_for=lambda _: "sk-1", prices=PRICES, purse=held)
    embedder.embed_queries(["three short words", "and two"])
    [standing] = held.standings()
    assert standing.balance.used == standing.balance.spent == Amount(5, 5)
    with pytest.raises(BudgetError, match="5 of 40 are spent"):
        embedder.embed_queries(["a word and another " * 20])
    assert len(server.requests) == 1
