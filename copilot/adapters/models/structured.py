"""JSON of a schema from any chat model that litellm reaches, through instructor.

Invariant: one attempt is one request, reported as one ``ModelAttempt``; what a model wrote stands
in no message and no log: instructor's exceptions hold it, so they are taken apart here, never
shown, and never chained.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from copilot.adapters.models import loading
from copilot.adapters.models.answers import read_json
from copilot.adapters.models.failures import refuses_a_parameter, translate
from copilot.adapters.models.requests import Requests, failures, marked
from copilot.errors import ModelError, ModelRefusedError, StoppedError
from copilot.events import ModelAttempt
from copilot.extracted import Json, StructuredAnswer, StructuredRequest
from copilot.messages import Usage
from copilot.metering import requested
from copilot.spending import Bill, Purse

if TYPE_CHECKING:
    from copilot.config.models import ModelSettings


_OTHERWISE = "choose another model, or extract without one"


class LiteLLMStructured:
    """A StructuredModel by its litellm name.

    A provider that refuses a schema is asked again without one, and no more with one from then on.
    """

    def __init__(
        self,
        settings: ModelSettings,
        *,
        key_for: Callable[[str], str | None],
        purse: Purse | None = None,
    ) -> None:
        self.settings = settings
        self._requests = Requests(settings, key_for=key_for)
        self._purse = purse
        self._take_no_schema: set[str] = set()

    def warm(self) -> threading.Thread:
        """Import litellm in a thread; the first call then waits for what is left of it."""
        return loading.warm()

    async def complete(
        self, request: StructuredRequest
    ) -> AsyncGenerator[ModelAttempt | StructuredAnswer]:
        """As the port says. Cancelling its task closes the connection, and tells the meter."""
        litellm, instructor = await asyncio.to_thread(loading.load_instructor)
        key = await asyncio.to_thread(self._requests.key, request.model)
        plain = request.model in self._take_no_schema
        while True:
            bill = Bill(self._purse, within_s=self.settings.total_timeout_s)
            await bill.hold(lambda: self.most(request))
            call = _Call(self._requests, request, litellm, instructor, bill)
            try:
                answer = await call.answer(key=key, plain=plain)
            except asyncio.CancelledError:
                requested(call.report(StoppedError("interrupted")))
                raise
            except _SchemaRefusedError as refused:
                yield call.report(refused.error)
                if plain:
                    raise refused.error from None
                plain = True
            except ModelError as error:
                yield call.report(error)
                raise
            else:
                if plain:
                    self._take_no_schema.add(request.model)
                yield call.report(None)
                yield answer
                return

    def most(self, request: StructuredRequest) -> Usage:
        """As ``Requests.most``; the schema may be read twice, as such and in words."""
        schema = 2 * json.dumps(request.json_schema)
        return self._requests.most(loading.load_litellm(), request, schema)


class _SchemaRefusedError(Exception):
    """The provider rejects the request, perhaps for its schema."""

    def __init__(self, error: ModelError) -> None:
        super().__init__()
        self.error = error


class _Call:
    """One request and its report."""

    def __init__(
        self,
        requests: Requests,
        request: StructuredRequest,
        litellm: ModuleType,
        instructor: ModuleType,
        bill: Bill,
    ) -> None:
        self._requests = requests
        self._request = request
        self._litellm = litellm
        self._instructor = instructor
        self._bill = bill
        self._began = time.perf_counter()
        self._usage: Usage | None = None
        self._sent = False

    async def answer(self, *, key: str | None, plain: bool) -> StructuredAnswer:
        """The answer; ``plain`` asks for JSON in words, without the provider's schema mode."""
        modes = self._instructor.Mode
        client = self._instructor.from_litellm(
            self._once(), mode=modes.MD_JSON if plain else modes.JSON_SCHEMA, async_client=True
        )
        arguments = self._requests.arguments(
            self._request, key=key, silent_s=self._requests.settings.total_timeout_s
        )
        retry_error = self._instructor.core.InstructorError
        try:
            _, completion = await client.create_with_completion(
                response_model=_response_model(self._request), max_retries=0, **arguments
            )
        except retry_error as error:
            raised, completion = _cause(error), getattr(error, "last_completion", None)
            if completion is None:
                raise self._translated(raised or error, key) from raised
        except failures() as error:
            raise self._translated(error, key) from error
        return self._read(completion)

    def _once(self) -> Callable[..., Awaitable[Any]]:
        """litellm's call, without the retries that it and its client would make unseen."""

        async def once(*args: Any, **kwargs: Any) -> Any:
            self._sent = True
            said = marked(kwargs["messages"], self._request.model)
            changed = {**kwargs, "messages": said, "max_retries": 0}
            return await self._litellm.acompletion(*args, **changed)

        return once

    def _translated(self, error: BaseException, key: str | None) -> Exception:
        found = translate(
            error,
            model=self._request.model,
            api_base=self._requests.settings.api_base,
            key=key,
            key_name=self._requests.settings.key,
            started=False,
        )
        return _SchemaRefusedError(found) if refuses_a_parameter(error) else found

    def _read(self, completion: Any) -> StructuredAnswer:
        """The completion's JSON; a ModelError where it has none."""
        model = self._request.model
        choice = completion.choices[0] if completion.choices else None
        text = (choice.message.content or "") if choice is not None else ""
        self._usage = self._counted(completion, text)
        finish = str(getattr(choice, "finish_reason", "") or "")
        if finish == "content_filter":
            raise ModelRefusedError(
                f"{model}: the provider's content filter cut the answer", hint=_OTHERWISE
            )
        if not text and _refused(choice):
            raise ModelRefusedError(f"{model}: the model refused to answer", hint=_OTHERWISE)
        read = read_json(text)
        if read is None and finish == "length":
            raise ModelError(
                f"{model}: the answer was cut after {self._usage.output_tokens} tokens",
                hint="extract fewer fields, or from a shorter text",
            )
        if read is None:
            raise ModelError(
                f"{model}: the answer is no JSON",
                hint="choose a model that can answer with JSON, or extract without one",
            )
        data, whole = read
        return StructuredAnswer(data, self._usage, whole=whole and finish != "length")

    def _counted(self, completion: Any, text: str) -> Usage:
        counts = getattr(completion, "usage", None)
        if counts is None or (getattr(counts, "prompt_tokens", 0) or 0) <= 0:
            return self._requests.estimate(self._litellm, self._request, text)
        return self._requests.usage(self._litellm, self._request.model, counts, estimated=False)

    def report(self, error: ModelError | StoppedError | None) -> ModelAttempt:
        """What became of the request. One that was broken off is taken for read."""
        if self._usage is None and self._sent and isinstance(error, StoppedError):
            self._usage = self._requests.estimate(self._litellm, self._request, "")
        self._bill.settle_now(self._usage)
        return ModelAttempt(
            model=self._request.model,
            outcome="ok" if error is None else "failed",
            error="" if error is None else f"{type(error).__name__}: {error.message}",
            usage=self._usage,
            latency_ms=(time.perf_counter() - self._began) * 1000,
        )


def _refused(choice: Any) -> bool:
    """Whether the message says in so many words that there will be no answer."""
    message = getattr(choice, "message", None)
    more = getattr(message, "provider_specific_fields", None) or {}
    return bool(getattr(message, "refusal", None) or more.get("refusal"))


def _cause(error: BaseException) -> BaseException | None:
    """What instructor wrapped: the first of its causes that isn't its own."""
    found: BaseException | None = error
    for _ in range(8):
        if found is None or not type(found).__module__.startswith(("instructor", "tenacity")):
            return found
        found = found.__cause__ or found.__context__
    return None


def _response_model(request: StructuredRequest) -> type[Any]:
    """A class of any object, which tells the request's schema as its own."""
    from pydantic import BaseModel, ConfigDict

    schema: dict[str, Json] = dict(request.json_schema)

    class Anything(BaseModel):
        model_config = ConfigDict(extra="allow")

        @classmethod
        def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
            return schema

    Anything.__name__ = re.sub(r"[^A-Za-z0-9_-]", "_", request.schema_name)[:64] or "record"
    return Anything
