"""Which questions go to the cheap models and which to the strong, and what that saves.

    python -m tests.bench.routing [--home FOLDER] [--cheap NAME] [--strong NAME]

All 440 questions of mtrag_un dev are searched for as `copilot ask` searches, with their history,
and sorted by the default rules (`[models.routes.answer.hard]`); beside them 30 questions written
for this bench, whose kind is known. Baseline: every question to the strong model. A question that
is labelled as answered from two documents or more, or as comparing, should go to the strong one:
how many of them don't is what the rules miss. The price is that of the prompt that is
made of the passages, at four characters a token, and of an answer of 150 tokens, at the list
prices that litellm has for the two models. How much worse the cheap model would answer isn't
measured here: that depends on the two. ``--home`` is that of tests.bench.retrieval, and is kept.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from copilot.adapters.models.catalogue import facts
from copilot.answering.writing.features import features, kind_of
from copilot.answering.writing.packing import pack
from copilot.bootstrap import Copilot
from copilot.config.models import HardQuestions
from copilot.gateway import Features, Tiers
from copilot.gateway.tiers import hardness
from copilot.inputs import PASSAGES_FOR_AN_ANSWER
from copilot.knowledge.search import SearchRequest
from copilot.messages import Hit, Turn
from tests.bench.retrieval import build
from tests.corpora import data_root

ANSWER_TOKENS = 150
TIERS = Tiers(cheap=("cheap",), strong=("strong",))
GROUPS = ((1, 1), (2, 2), (3, 99))

# What a person would say they ask for.
KINDS = {
    "compare": [
        "What is the difference between a SEV-1 and a SEV-2?",
        "Is the deputy's job different from the incident commander's?",
        "Which is better for small teams, Slack or a phone bridge?",
        "How does the new refund policy compare to the old one?",
        "Pros and cons of rotating on-call weekly?",
        "Should we page the database team or the platform team first?",
        "Terraform vs Ansible for our clusters",
    ],
    "why": [
        "Why do we never discuss blame during an incident?",
        "What caused the outage in March?",
        "How come my key is refused?",
        "What is the reason for two approvals?",
        "why was the deploy rolled back",
    ],
    "list": [
        "List all roles during an incident.",
        "What are the responsibilities of the scribe?",
        "Which environment variables are required? All of them please",
        "Summarize the postmortem process",
        "What types of leave are there?",
        "Give me an overview of our sinks",
    ],
    "how-to": [
        "How do I restart the ingest worker?",
        "What should I do when the pager goes off twice?",
        "steps to rotate the signing key",
        "How can I export my data?",
        "How to set up two-factor authentication",
        "Walk me through a failover of the primary",
    ],
    "lookup": [
        "How long do I have to acknowledge a page?",
        "Who approves refunds above 500 dollars?",
        "What port does the metrics endpoint use?",
        "When is the next maintenance window?",
        "What does ERR_4012 mean?",
        "Is Sweden in the EU billing region?",
    ],
}


@dataclass(frozen=True)
class Asked:
    """A question, what is known of it, and what is true of it."""

    known: Features
    documents: int
    types: frozenset[str]
    tokens: int

    @property
    def strong(self) -> bool:
        return TIERS.choose(self.known).tier == "strong"


def document(path: str) -> str:
    """The document that a passage of the set was cut from: its id, less where it was cut."""
    record = path.rpartition("#")[2]
    cut = re.fullmatch(r"(.*?)[-_]\d+-\d+(?:-\d+-\d+)?", record)
    whole = cut[1] if cut else record
    return whole if record.startswith("ibm") else whole.partition("_")[0]


def ask(copilot: Copilot, row: dict[str, object], gold: Sequence[str]) -> tuple[Asked, float]:
    history = tuple(
        Turn("user" if turn["role"] == "user" else "assistant", turn["text"])
        for turn in row.get("history") or ()  # type: ignore[attr-defined]
    )
    text = str(row["text"])
    request = SearchRequest(text, history, limit=PASSAGES_FOR_AN_ANSWER)
    result = copilot.searcher.search(request)
    whole = [_whole(hit) for hit in result.hits]
    began = time.perf_counter()
    known = features(text, whole, follow_up=bool(history))
    took = time.perf_counter() - began
    packed = pack(result, copilot.settings.answer.evidence_tokens)
    prompt = copilot.prompts.get("answering/write").render(
        {"passages": packed.text, "question": text, "words": "120"}
    )
    said = "".join(turn.text for turn in history[-6:])
    tokens = len(prompt.system + prompt.user + said) // 4
    types = frozenset(row["question_type"])  # type: ignore[arg-type]
    return Asked(known, len({document(one) for one in gold}), types, tokens), took


def _whole(hit: Hit) -> Hit:
    """With the document, not the piece of it that the set has as a record of its own."""
    passage = hit.passage
    return replace(hit, passage=replace(passage, document_id=document(passage.path)))


def report(asked: Sequence[Asked], cheap: str, strong: str) -> None:
    def share(name: str, some: Sequence[Asked]) -> None:
        to_strong = sum(one.strong for one in some)
        part = f"{to_strong / len(some):.0%}" if some else "-"
        print(f"  {name:44} {len(some):4} questions, {part:>4} to the strong model")

    print("mtrag_un dev")
    share("all", asked)
    found = [one for one in asked if one.documents]
    share("answered from 1 document", [one for one in found if one.documents == 1])
    share("answered from 2 documents", [one for one in found if one.documents == 2])
    share("answered from 3 or more", [one for one in found if one.documents > 2])
    share("labelled Comparative", [one for one in asked if "Comparative" in one.types])
    share("labelled Factoid", [one for one in asked if "Factoid" in one.types])
    share("labelled Explanation", [one for one in asked if "Explanation" in one.types])
    share("follow-ups", [one for one in asked if one.known.follow_up])
    by_reason: dict[str, int] = defaultdict(int)
    for one in asked:
        if one.strong:
            for why in hardness(one.known, TIERS.rules):
                by_reason[re.sub(r"\d+ ", "N ", why).partition(" (")[0]] += 1
    for why, count in sorted(by_reason.items(), key=lambda item: -item[1]):
        print(f"    hard since {why}: {count}")
    print("  by models.routes.answer.hard.documents: to the strong model")
    for least in range(2, 7):
        tiers = replace(TIERS, rules=HardQuestions(documents=least))
        groups = ([one for one in found if low <= one.documents <= high] for low, high in GROUPS)
        shares = [sum(tiers.choose(x.known).tier == "strong" for x in g) / len(g) for g in groups]
        every = sum(tiers.choose(one.known).tier == "strong" for one in asked) / len(asked)
        told = ", ".join(f"{share:.0%}" for share in shares)
        print(f"    {least}: {every:.0%} of all; of those from 1, 2, 3 or more documents {told}")
    print(f"at list prices, an answer of {ANSWER_TOKENS} tokens each")
    all_strong = sum(price(one, strong) for one in asked)
    all_cheap = sum(price(one, cheap) for one in asked)
    routed = sum(price(one, strong if one.strong else cheap) for one in asked)
    print(f"  all {strong}: ${all_strong:.2f}; all {cheap}: ${all_cheap:.2f}")
    print(f"  routed: ${routed:.2f}, {1 - routed / all_strong:.0%} less than all strong")


def price(one: Asked, model: str) -> float:
    known = facts(model, "", {})
    assert known.input_usd is not None
    assert known.output_usd is not None
    return (one.tokens * known.input_usd + ANSWER_TOKENS * known.output_usd) / 1_000_000


def kinds() -> None:
    right = {kind: sum(kind_of(one) == kind for one in some) for kind, some in KINDS.items()}
    print("questions whose kind is known: told right")
    for kind, some in KINDS.items():
        wrong = [f"{one} → {kind_of(one)}" for one in some if kind_of(one) != kind]
        print(f"  {kind:8} {right[kind]} of {len(some)}  {'; '.join(wrong)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--cheap", default="openai/gpt-5-nano")
    parser.add_argument("--strong", default="openai/gpt-5")
    args = parser.parse_args()
    root = data_root()
    if root is None:
        raise SystemExit("the labelled sets are absent; set COPILOT_TEST_DATA to their folder")
    copilot = build("mtrag_un", root, args.home or Path(tempfile.mkdtemp()))
    gold: dict[str, list[str]] = defaultdict(list)
    for line in (root / "sets/mtrag_un/qrels.tsv").read_text("utf-8").splitlines()[1:]:
        query, passage, _ = line.split("\t")
        gold[query].append(passage)
    lines = (root / "sets/mtrag_un/queries.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    found = [ask(copilot, row, gold[row["id"]]) for row in rows]
    report([asked for asked, _ in found], args.cheap, args.strong)
    kinds()
    ms = sorted(1000 * took for _, took in found)
    print(
        f"sorting a question: median {statistics.median(ms):.1f} ms, p95 {ms[-len(ms) // 20]:.1f}"
    )


if __name__ == "__main__":
    main()
