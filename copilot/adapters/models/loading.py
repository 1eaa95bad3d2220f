"""Imports litellm once, quiet and offline.

Invariant: no other module imports litellm, so its price download, its ``.env`` search, its
banners and its loggers are off before its first line runs.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import logging
import os
import threading
import warnings
from types import ModuleType
from typing import cast

from copilot.errors import ModelUnavailableError

_SWITCHES = {
    # without it the import downloads prices from GitHub
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    # DEV, the default, loads a .env from every parent folder into the environment
    "LITELLM_MODE": "PRODUCTION",
    # ERROR still prints whole tracebacks
    "LITELLM_LOG": "CRITICAL",
}
_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
# What the first call would import besides: half as long again as litellm itself. Only a head
# start, so a name that a later version lacks is passed over.
_FIRST_CALL = (
    "openai.resources.chat.completions",
    "httpcore",
    "litellm.proxy.openai_files_endpoints.common_utils",
    "litellm.llms.litellm_proxy.chat.transformation",
    "litellm.llms.vertex_ai.vertex_ai_partner_models.anthropic.transformation",
)
_lock = threading.Lock()
_loaded: list[ModuleType] = []


def load_litellm() -> ModuleType:
    """The litellm module; the first call takes 2 to 4 seconds. Safe from any thread.

    Raises ModelUnavailableError when the installation can't import it.
    """
    with _lock:
        if not _loaded:
            try:
                _loaded.append(_import())
            except ImportError as error:
                raise ModelUnavailableError(
                    f"litellm can't be loaded: {error}", hint="pip install litellm"
                ) from error
        return _loaded[0]


def load_instructor() -> tuple[ModuleType, ModuleType]:
    """litellm and the instructor module, which logs whole answers when it can't read them."""
    litellm = load_litellm()
    try:
        import instructor
        import instructor.core
    except ImportError as error:
        raise ModelUnavailableError(
            f"instructor can't be loaded: {error}", hint="pip install instructor"
        ) from error
    logger = logging.getLogger("instructor")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    return litellm, cast("ModuleType", instructor)


def warm() -> threading.Thread:
    """Import litellm and what a first call needs, while something else is waited for.

    The process ends after the import that is under way: one that was broken off would keep the
    interpreter's import lock, and litellm imports once more while it is taken down, for ever.
    """
    thread = threading.Thread(target=_load_if_possible, name="import-litellm")
    thread.start()
    return thread


def _load_if_possible() -> None:
    """The first call tells what is wrong, not a thread that nobody waits for.

    An import that the end of the program overtakes may raise RuntimeError: no thread, no atexit.
    """
    with contextlib.suppress(ModelUnavailableError, RuntimeError):
        load_litellm()
        for name in _FIRST_CALL:
            if not threading.main_thread().is_alive():
                return
            with contextlib.suppress(ImportError):
                importlib.import_module(name)


def _import() -> ModuleType:
    os.environ.update(_SWITCHES)
    collecting = gc.isenabled()
    gc.disable()  # a fifth of the import is collecting garbage that isn't there
    try:
        import litellm
    finally:
        if collecting:
            gc.enable()
    # it shows what a model wrote where a provider's answer isn't of OpenAI's types
    warnings.filterwarnings("ignore", message="Pydantic serializer warnings", category=UserWarning)
    litellm.suppress_debug_info = True
    # counting a Llama's tokens would download its tokenizer
    litellm.disable_hf_tokenizer_download = True
    # aiohttp sessions outlive their call and complain on stderr at exit; httpx ones don't
    litellm.disable_aiohttp_transport = True
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
    return cast("ModuleType", litellm)
