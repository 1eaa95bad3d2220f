"""Translates what litellm and its transports raise into copilot.errors.

Invariant: a translated message holds no key, no traceback and one line; what litellm calls a
server error but is a refused connection, a wrong address or a missing key is told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from copilot.errors import (
    ModelAuthError,
    ModelContextError,
    ModelError,
    ModelRateLimitError,
    ModelRefusedError,
    ModelRequestError,
    ModelStreamError,
    ModelTimeoutError,
    ModelUnavailableError,
)

_NO_KEY = re.compile(
    r"missing credentials|api[_ ]key .*(?:not set|must be set)|missing .*api key", re.I
)
_UNREACHABLE = re.compile(
    r"connection error|cannot connect|connection attempts failed|connection refused"
    r"|name or service not known|nodename nor servname|getaddrinfo|name resolution",
    re.I,
)
_TIMED_OUT = re.compile(r"timed? ?out|timeout", re.I)
_TOO_LONG = re.compile(
    r"context[ _](?:length|window|size)|maximum context|prompt is too long|too many tokens", re.I
)
_REFUSED = re.compile(
    r"content[ _](?:policy|filter|management)|safety (?:system|policy)|usage polic", re.I
)
_FORMAT = re.compile(r"response_format|json_schema")
_UNKNOWN_PROVIDER = re.compile(r"LLM Provider NOT provided", re.I)
_VENDOR_PREFIX = re.compile(
    r"^(?:litellm\.)?\w*(?:Error|Exception|Timeout):\s*|^\w+Exception\s+-\s+", re.I
)
_TAIL = re.compile(r"Original exception:|Handle with `litellm|Traceback \(most recent call last\)")
_SHOWN = 240


def translate(
    error: BaseException,
    *,
    model: str,
    api_base: str = "",
    key: str | None = None,
    key_name: str = "",
    started: bool,
) -> ModelError:
    """The copilot error for one that a call raised; ``started`` after the first token.

    ``key_name``: under which the key is stored, its provider's name if empty.
    """
    chain = list(_chain(error))
    text = _readable(error, key)
    if any(type(e).__name__ == "ConnectTimeout" for e in chain):
        return ModelTimeoutError(
            f"{api_base or model}: can't be reached in time",
            hint="check models.api_base and the network, or raise models.connect_timeout_s",
        )
    if any(_is_timeout(e) for e in chain) or (_TIMED_OUT.search(text) and not started):
        return _timed_out(model, started)
    if _NO_KEY.search(text):
        return _no_key(model, key_name)
    if _UNREACHABLE.search(text) and not started:
        return ModelUnavailableError(
            f"{api_base or model}: can't be reached: {text}",
            hint="check models.api_base and the network",
        )
    status = _status(chain)
    broken = type(error).__name__ == "MidStreamFallbackError" and (status is None or status >= 500)
    if started or broken:
        return ModelStreamError(f"{model}: the answer broke off: {text}", hint="ask again")
    if isinstance(error, ImportError):
        return ModelRequestError(
            f"{model}: this provider needs another package: {text}",
            hint="install it beside copilot",
        )
    return _by_status(status, model, text, chain, key_name or provider(model))


def _by_status(
    status: int | None, model: str, text: str, chain: list[BaseException], key_name: str
) -> ModelError:
    if status in (401, 403):
        return ModelAuthError(
            f"{model}: the provider refused the key: {text}",
            hint=f"copilot keys set {key_name}",
        )
    if status == 429:
        return ModelRateLimitError(
            f"{model}: too many requests: {text}",
            hint="wait, or lower the load; the limit is the provider's",
            retry_after=_retry_after(chain),
        )
    if status == 404:
        return ModelRequestError(
            f"{model}: the provider doesn't know this model: {text}",
            hint="check models.answer, or extraction.model",
        )
    if _UNKNOWN_PROVIDER.search(text):
        return ModelRequestError(
            f"{model}: no provider is named",
            hint='write it as "provider/model", e.g. openai/gpt-5-mini',
        )
    if status in (400, 413, 422) and _TOO_LONG.search(text):
        return ModelContextError(
            f"{model}: the request is longer than the model can read: {text}",
            hint="choose a model with a larger context in models.answer, or extraction.model",
        )
    if status in (400, 422) and _REFUSED.search(text):
        return ModelRefusedError(
            f"{model}: the provider refuses the content: {text}",
            hint="name another provider's model in models.routes, to step in",
        )
    if status is not None and 400 <= status < 500 and status not in (408, 409, 425):
        return ModelRequestError(
            f"{model}: the request was rejected: {text}",
            hint="mend what the provider says of it, or choose another model",
        )
    return ModelUnavailableError(
        f"{model}: the provider answered with an error: {text}", hint="try again later"
    )


def refuses_a_parameter(error: BaseException) -> bool:
    """Whether the provider rejects how it was asked, as it does a schema that it can't take."""
    status, text = _status(list(_chain(error))), _readable(error, None)
    if status == 500:  # llama.cpp's server calls its own refusal of a schema an error of its own
        return bool(_FORMAT.search(text))
    return status in (400, 415, 422, 501) and not _TOO_LONG.search(text)


def ended_early(model: str) -> ModelStreamError:
    """The stream ended without the provider saying that the answer is complete."""
    return ModelStreamError(
        f"{model}: the connection closed before the answer ended", hint="ask again"
    )


def provider(model: str) -> str:
    """The provider in a litellm name: ``openai`` of ``openai/gpt-5-mini``."""
    return model.split("/", 1)[0] if "/" in model else "openai"


def _timed_out(model: str, started: bool) -> ModelError:
    if started:
        return ModelStreamError(
            f"{model}: the answer stalled", hint="raise models.first_token_timeout_s if it is slow"
        )
    return ModelTimeoutError(
        f"{model}: no answer in time",
        hint="raise models.first_token_timeout_s if the model is slow",
    )


def _no_key(model: str, name: str) -> ModelAuthError:
    called = f", which models.key or models.at calls {name}" if name else ""
    return ModelAuthError(
        f"{model}: no key for {provider(model)}{called}",
        hint=f"copilot keys set {name or provider(model)}",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, outermost first."""
    seen: set[int] = set()
    queue: list[BaseException | None] = [error]
    while queue:
        item = queue.pop(0)
        if item is None or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        queue += [getattr(item, "original_exception", None), item.__cause__, item.__context__]


def _is_timeout(error: BaseException) -> bool:
    if isinstance(error, TimeoutError):
        return True
    # litellm.Timeout, openai.APITimeoutError, httpx.ReadTimeout, httpx.ConnectTimeout
    return type(error).__name__ in {"Timeout", "APITimeoutError", "ReadTimeout", "ConnectTimeout"}


def _status(chain: list[BaseException]) -> int | None:
    for item in chain:
        value = getattr(item, "status_code", None)
        if isinstance(value, int) and type(item).__name__ != "MidStreamFallbackError":
            return value
    return None


def _retry_after(chain: list[BaseException]) -> float | None:
    """Seconds that the provider asks to wait, if it said so in one of its headers."""
    for item in chain:
        response = getattr(item, "response", None)
        for headers in (
            getattr(item, "litellm_response_headers", None),
            getattr(response, "headers", None),
        ):
            if isinstance(headers, Mapping) and (asked := _asked_s(headers)) is not None:
                return max(0.0, asked)
    return None


def _asked_s(headers: Mapping[str, str]) -> float | None:
    """``retry-after-ms``, or ``retry-after`` in seconds or as a date (RFC 9110, 10.2.3)."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return float(milliseconds) / 1000
        value = headers.get("retry-after")
        if value is None:
            return None
        if value.strip().isascii() and value.strip()[:1].isdigit():
            return float(value)
        return (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None


def _readable(error: BaseException, key: str | None) -> str:
    """The provider's own words, on one line, without prefixes and without the key."""
    text = " ".join(_TAIL.split(str(error))[0].split())
    while (shorter := _VENDOR_PREFIX.sub("", text)) != text:
        text = shorter
    if key and len(key) > 3:
        text = text.replace(key, "***")
    text = "".join(c for c in text if c.isprintable()).strip() or type(error).__name__
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
