"""What tests over the wire stand on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest


@pytest.fixture
async def clients_let_go() -> AsyncIterator[None]:
    """litellm keeps a client for each address and loop. Here, both end with each test; their
    sockets would be found open when, minutes later, litellm drops the client amid another one.
    """
    yield
    litellm: Any = sys.modules.get("litellm")
    if litellm is None:
        return
    cache = litellm.in_memory_llm_clients_cache
    ours = f"-{id(asyncio.get_running_loop())}"
    for key in [key for key in cache.cache_dict if key.endswith(ours)]:
        client = cache.cache_dict.pop(key)
        await client.close()
