"""Writes ``config.example.toml`` from the schema.

Invariant: every setting stands in it once, commented out, with its meaning and its default, so
the file changes nothing until a line is uncommented. Run as a module to write it anew.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

from copilot.config.fields import Leaf, leaves, section_model, sections

_HEAD = """\
# copilot's settings. Every line is commented out; it shows the default, or an example where there
# is none. Uncomment to change.
# `copilot config init` puts this file in your home; `copilot config show` says what is in force
# and where each value comes from. Command line over environment (COPILOT_SEARCH__LIMIT=20) over
# a trusted project's .copilot.toml over this file over the defaults.
# Keys never stand here: `copilot keys set openai`.
"""
# What a line without a default of its own shows.
_EXAMPLES = {
    "answer.abstain_below": "0.5",
    "budgets.call_usd": "0.25",
    "budgets.call_tokens": "32000",
    "budgets.conversation_usd": "1.0",
    "budgets.conversation_tokens": "200000",
    "budgets.day_usd": "5.0",
    "budgets.day_tokens": "2000000",
    "budgets.month_usd": "100.0",
    "budgets.month_tokens": "40000000",
    "budgets.principal": "{ day_usd = 1.0, month_tokens = 5000000 }",
    "budgets.run_usd": "0.5",
    "alerts.rules": '{ cost-surge = { figure = "cost", above = 5.0, window = "1h" } }',
    "actions.sinks": '{ jira = { kind = "jira", url = "https://acme.atlassian.net", '
    'user = "bot@acme.example", key = "jira", options = { project = "SUP" } } }',
    "extraction.products": '{ "Acme Portal" = ["portal", "web app"] }',
    "extraction.components": '{ "single sign-on" = ["SSO", "SAML"] }',
    "extraction.plans": '{ "Team" = ["team plan"] }',
    "extraction.competitors": '{ "Rival & Co" = ["Rival"] }',
    "tui.keys": '{ "app.keys" = "f1,ctrl+g", "inbox.approve" = "A" }',
    "models.routes": '{ answer = { cheap = ["here"], then = ["anthropic/claude-haiku-4-5"] } }',
    "models.at": '{ here = { model = "openai/qwen3", api_base = "http://localhost:8000/v1" } }',
    "models.prices": '{ "openai/our-model" = { input = 0.25, output = 2.0 } }',
}
_WIDTH = 96


def example_text() -> str:
    """The whole file, ending in a newline."""
    parts = [_HEAD]
    for section in sections():
        parts.append(_comment((section_model(section).__doc__ or "").strip()) + f"[{section}]\n")
        parts.append(
            "\n".join(_entry(leaf) for leaf in leaves().values() if leaf.section == section)
        )
    return "\n".join(parts)


def _entry(leaf: Leaf) -> str:
    description = leaf.description
    if leaf.choices:
        description += f" One of: {', '.join(leaf.choices)}."
    return (
        _comment(description) + f"#{leaf.name} = {_EXAMPLES.get(leaf.key) or toml(leaf.default)}\n"
    )


def _comment(text: str) -> str:
    lines = textwrap.wrap(" ".join(text.split()), _WIDTH, break_long_words=False)
    return "".join(f"# {line}\n" for line in lines)


def toml(value: object) -> str:
    """A setting's value as TOML writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case tuple() | list():
            return "[" + ", ".join(toml(item) for item in value) + "]"
        case dict():
            given = ((key, one) for key, one in value.items() if one is not None)
            inner = ", ".join(f"{toml(str(key))} = {toml(one)}" for key, one in given)
            return f"{{ {inner} }}" if inner else "{}"
        case _:
            raise TypeError(f"{type(value).__name__} has no TOML form")


if __name__ == "__main__":
    target = Path(__file__).resolve().parents[2] / "config.example.toml"
    target.write_text(example_text(), encoding="utf-8")
