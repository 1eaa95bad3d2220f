"""Every name that telemetry uses outside this house, in one table, with its schema's version.

Invariant: no other module spells such a name. OpenTelemetry's GenAI conventions are in
development and rename things; a rename is one line here, and the schema's address beside it.

``GENAI`` names follow open-telemetry/semantic-conventions-genai, ``INFERENCE`` names follow
Arize-ai/openinference, and what neither has begins with ``copilot.``.
"""

from __future__ import annotations

from copilot import __version__
from copilot.signals import Scope

GENAI_SCHEMA = "https://opentelemetry.io/schemas/gen-ai/1.42.0"

# OpenTelemetry's general conventions
SERVICE_NAME = "service.name"
SERVICE_VERSION = "service.version"
SERVICE_INSTANCE = "service.instance.id"
ERROR_TYPE = "error.type"
OTHER = "_OTHER"  # of a provider or an error that isn't known by name

SCOPE = Scope(
    name="copilot.ledger",
    version=__version__,
    schema_url=GENAI_SCHEMA,
    resource={SERVICE_NAME: "copilot", SERVICE_VERSION: __version__},
)

# operations: the value of OPERATION, and the first word of a span's name
OPERATION = "gen_ai.operation.name"
CHAT = "chat"
EMBEDDINGS = "embeddings"
RETRIEVAL = "retrieval"
WORKFLOW = "invoke_workflow"
TOOL = "execute_tool"

# GenAI
PROVIDER = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
CONVERSATION = "gen_ai.conversation.id"
WORKFLOW_NAME = "gen_ai.workflow.name"
PROMPT_NAME = "gen_ai.prompt.name"
PROMPT_VERSION = "gen_ai.prompt.version"
DATA_SOURCE = "gen_ai.data_source.id"
TOOL_NAME = "gen_ai.tool.name"
TOOL_TYPE = "gen_ai.tool.type"
TOP_K = "gen_ai.retrieval.top_k"
EVALUATION_EVENT = "gen_ai.evaluation.result"
EVALUATION_NAME = "gen_ai.evaluation.name"
EVALUATION_LABEL = "gen_ai.evaluation.score.label"
# of one text or opted-in texts
INPUT_MESSAGES = "gen_ai.input.messages"
OUTPUT_MESSAGES = "gen_ai.output.messages"
RETRIEVAL_QUERY = "gen_ai.retrieval.query.text"

TOKEN_TYPE = "gen_ai.token.type"
# metrics
CLIENT_DURATION = "gen_ai.client.operation.duration"
CLIENT_FIRST_CHUNK = "gen_ai.client.operation.time_to_first_chunk"
CLIENT_TOKENS = "gen_ai.client.token.usage"
TOOL_DURATION = "gen_ai.execute_tool.duration"

# OpenInference
KIND = "openinference.span.kind"
KIND_CHAIN = "CHAIN"
KIND_RETRIEVER = "RETRIEVER"
KIND_LLM = "LLM"
KIND_EMBEDDING = "EMBEDDING"
KIND_TOOL = "TOOL"
KIND_EVALUATOR = "EVALUATOR"
INFERENCE_TOOL = "tool.name"
LLM_MODEL = "llm.model_name"
LLM_PROVIDER = "llm.provider"
LLM_INPUT_TOKENS = "llm.token_count.prompt"
LLM_OUTPUT_TOKENS = "llm.token_count.completion"
LLM_TOTAL_TOKENS = "llm.token_count.total"
LLM_COST = "llm.cost.total"
SESSION = "session.id"
INPUT_VALUE = "input.value"
OUTPUT_VALUE = "output.value"


def retrieved(number: int, field: str) -> str:
    """The OpenInference name of a field (``id``, ``score``) of the retrieved document so ranked.

    ``number`` counts from 0.
    """
    return f"retrieval.documents.{number}.document.{field}"


def provider(model: str) -> str:
    """The provider's name, which stands before a model's own: ``openai/gpt-5``."""
    named, slash, _ = model.partition("/")
    return named if slash else OTHER


# ours
RUN_ID = "copilot.run.id"
RUN_KIND = "copilot.run.kind"
RUN_STATUS = "copilot.run.status"
RELEASE = "copilot.release"
INDEX_VERSION = "copilot.index.version"
FOLLOW_UP = "copilot.follow_up"
COST = "copilot.cost.microusd"
ESTIMATED = "copilot.usage.estimated"
CITED = "copilot.citations"
ACTION = "copilot.verdict.action"
EFFECT = "copilot.tool.effect"
OUTCOME = "copilot.tool.outcome"
TAINTED = "copilot.tool.tainted"
DOCUMENTS = "copilot.retrieval.document_ids"
FIRST_TEXT = "copilot.time_to_first_text"
GROUNDING = "grounding"
RATING = "user_rating"
RATED = "rate answer"

# Prometheus: units in the name, counters end in _total
METRIC_RUNS = "copilot_runs_total"
METRIC_REQUESTS = "copilot_model_requests_total"
METRIC_TOKENS = "copilot_model_tokens_total"
METRIC_COST = "copilot_model_cost_usd_total"
METRIC_UNPRICED = "copilot_model_requests_unpriced_total"
METRIC_SENTENCES = "copilot_sentences_total"
METRIC_FEEDBACK = "copilot_feedback_total"
METRIC_RUN_SECONDS = "copilot_run_duration_seconds"
METRIC_FIRST_TEXT_SECONDS = "copilot_run_first_text_seconds"
METRIC_NEWEST_RUN = "copilot_newest_run_timestamp_seconds"
METRIC_NEWEST_SYNC = "copilot_newest_index_sync_timestamp_seconds"
METRIC_WRITTEN = "copilot_metrics_written_timestamp_seconds"
INDEX = "copilot-index"
