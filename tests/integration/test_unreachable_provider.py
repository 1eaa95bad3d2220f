"""A provider that doesn't even take a connection: what is told of it."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest

from copilot.adapters.models import build_chat_model
from copilot.config.models import ModelSettings
from copilot.errors import ModelTimeoutError
from copilot.messages import ModelRequest, Turn


async def test_an_address_that_takes_no_connection_is_not_called_slow() -> None:
    with ExitStack() as held:
        full = held.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # nobody accepts them: the next one waits
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}/v1"
        settings = ModelSettings(answer="openai/x", api_base=url, connect_timeout_s=0.3)
        model = build_chat_model(settings, key_for=lambda name: "sk-test")
        request = ModelRequest("openai/x", "", (Turn("user", "Hi"),))
        with pytest.raises(ModelTimeoutError) as caught:
            _ = [chunk async for chunk in model.stream(request)]
    assert caught.value.message == f"{url}: can't be reached in time"
    assert "models.connect_timeout_s" in caught.value.hint
