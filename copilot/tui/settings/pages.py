"""What stands on each page of the settings, made of what the core tells.

Invariant: every text of the configuration, of a key store or of the doctor is made safe here; a
key itself is never among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from copilot.calls import knowledge
from copilot.calls.settings import (
    Examined,
    KeysRead,
    Setting,
    SettingsRead,
)
from copilot.tui import keymap, themes
from copilot.tui.settings.rows import Row
from copilot.tui.wording import shown_line

NO_MODEL = "quoting, without a model"
_MARKS = {"ok": "✓", "warning": "!", "problem": "✗", "skipped": "–"}
_TONES = {"warning": "warning", "problem": "error"}
_OF_MODELS = {
    "models.answer": "Answers, by any name",
    "extraction.model": "Extracts records",
    "models.api_base": "Address of its server",
    "models.key": "Name of its key",
    "models.temperature": "Temperature",
    "models.max_output_tokens": "Longest answer, in tokens",
    "answer.max_words": "Words asked for",
    "answer.history_turns": "Earlier turns it is given",
    "models.retries": "Further attempts",
    "models.total_timeout_s": "Seconds for an answer",
}


@dataclass(frozen=True, slots=True)
class Page:
    """``verbs``: what can be done on it besides choosing a row."""

    name: str
    title: str
    verbs: tuple[str, ...] = ()


PAGES = (
    Page("look", "Theme"),
    Page("models", "Models", ("test", "reset")),
    Page("keys", "Keys of providers", ("add", "remove")),
    Page("keymap", "Keymap", ("reset",)),
    Page("all", "All settings", ("reset", "file")),
    Page("here", "This copilot", ("file",)),
    Page("health", "Health", ("copy", "online")),
)


def look(told: SettingsRead, worn: str) -> list[Row]:
    """Themes: ours first."""
    chosen = plain(_by_key(told)["tui.theme"])
    rows = [
        Row("theme:", "As the terminal suggests", mark="✓" if not chosen else "", note="by itself")
    ]
    for name in themes.NAMES:
        kind = "dark" if themes.is_dark(name) else "light"
        note = f"{kind}, worn now" if name == worn else kind
        rows.append(Row(f"theme:{name}", name, mark="✓" if name == chosen else "", note=note))
    return rows


def models(told: SettingsRead) -> list[Row]:
    """Which model answers and extracts, and how."""
    settings = _by_key(told)
    now = plain(settings["models.answer"])
    rows = []
    for model in known_models(told):
        mark, note = ("✓", "answers now") if model == now else ("", "")
        about = "Enter lets it answer." if model else "Enter answers with quotes, word for word."
        rows.append(Row(f"use:{model}", shown_line(model) or NO_MODEL, "", note, mark, about))
    for key, name in _OF_MODELS.items():
        one = settings[key]
        value = plain(one)
        if not value and key == "extraction.model":
            value = "rules, without a model"
        rows.append(_row(one, name, value or "not set"))
    prices = settings["models.prices"]
    rows.append(_row(prices, "Prices of your own", prices.value.strip("{} ") or "none"))
    return rows


def known_models(told: SettingsRead) -> list[str]:
    """Those that the configuration names anywhere; the first is none at all."""
    import tomllib

    settings = _by_key(told)
    tables = {
        key: tomllib.loads(f"told = {settings[key].value or '{}'}")["told"]
        for key in ("models.routes", "models.at", "models.prices")
    }
    named = [plain(settings[key]) for key in ("models.answer", "extraction.model")]
    routed = [
        name
        for route in tables["models.routes"].values()
        for part in ("cheap", "strong", "then")
        for name in route.get(part, ())
    ]
    own = tables["models.at"]
    return list(dict.fromkeys(["", *filter(None, named), *routed, *own, *tables["models.prices"]]))


def keys(told: KeysRead) -> list[Row]:
    """Names and stores of keys, and names that are needed and nowhere."""
    rows = []
    for one in told.keys:
        name, store = shown_line(one.name), shown_line(one.store)
        note = "used" if one.used else "another one of this name goes before it"
        about = "Enter stores another key in its place. A key is never shown."
        rows.append(Row(f"key:{one.name}", name, store, note, mark="✓", about=about))
    have = {one.name.casefold() for one in told.keys}
    for name in told.needed:
        if name.casefold() not in have:
            about = "The configuration refers to it. Enter asks for the key."
            rows.append(
                Row(f"key:{name}", shown_line(name), "missing", "needed", "!", about, "warning")
            )
    if not rows:
        rows.append(Row("key:", "No key is stored", note="Enter stores one"))
    if told.keyring:
        rows.append(Row("", "The machine's keyring", shown_line(told.keyring), mark="!"))
    rows += [Row("", "A store that can't be asked", shown_line(one)) for one in told.failures]
    return rows


def keys_of(told: SettingsRead, other: Mapping[str, str]) -> list[Row]:
    """Every binding: what it does, by which keys, and its name."""
    rows = []
    for one in sorted(keymap.known().values(), key=lambda one: (one.place != "app", one.name)):
        name, mine = one.name, one.name in other
        told_keys = keymap.split(other[name]) if mine else one.keys
        usual = " ".join(map(keymap.shown, one.keys))
        about = f"{name}. By itself: {usual}." if mine else f"{name}. Enter asks for another key."
        value = " ".join(map(keymap.shown, told_keys))
        row = Row(f"bind:{name}", f"{one.place}: {one.does.lower()}", value, mark="•" * mine)
        rows.append(_with_about(row, about))
    return rows


def everything(told: SettingsRead) -> list[Row]:
    """Every setting with its value and where that comes from."""
    return [_row(one, one.key, shown_line(one.value) or "not set") for one in told.settings]


def here(told: SettingsRead, index: knowledge.Sources | None) -> list[Row]:
    """Who asks, what is indexed, where things lie, what is wrong with the configuration."""
    settings = _by_key(told)
    wrong = [Row("", shown_line(one.message), mark="✗", tone="error") for one in told.problems]
    rows = [*wrong, *(Row("", shown_line(one), mark="!") for one in told.warnings)]
    rows.append(_row(settings["principal.name"], "Who asks", plain(settings["principal.name"])))
    groups = settings["principal.groups"]
    rows.append(_row(groups, "Groups", ", ".join(listed(groups)) or "none"))
    if index is not None:
        documents = f"{index.documents:,} documents, {index.passages:,} passages"
        sources = f"of {len(index.found)} sources, {index.size_bytes / 1e6:,.1f} MB"
        rows.append(Row("", "Index", documents, sources))
        rows.append(Row("", "Vectors by", shown_line(index.embedder) or "none yet"))
    rows.append(Row("file", "Configuration", shown_line(told.file), about="Enter opens it."))
    for name, place in told.places.items():
        if place:
            rows.append(Row("", name.capitalize(), shown_line(place)))
    return rows


def health(told: Examined) -> list[Row]:
    """The doctor's findings, what is wrong first."""
    rows = []
    order = ["problem", "warning", "ok", "skipped"]
    for one in sorted(told.findings, key=lambda one: order.index(one.status)):
        detail, fix = shown_line(one.detail), shown_line(one.fix)
        about = f"{detail}\n→ {fix}" if fix else detail
        tone = _TONES.get(one.status, "")
        mark = _MARKS[one.status]
        rows.append(Row(f"fix:{fix}", shown_line(one.check), detail, "", mark, about, tone))
    return rows


def _by_key(told: SettingsRead) -> dict[str, Setting]:
    return {one.key: one for one in told.settings}


def _row(one: Setting, name: str, value: str) -> Row:
    mine = one.origin != "default"
    note = "" if not mine else shown_line(_short(one.origin))
    about = f"{one.key}: {shown_line(one.description)}"
    if one.choices:
        about += f" One of: {', '.join(one.choices)}."
    if mine:
        about += f" From {shown_line(one.origin)}; by itself {one.default or 'not set'}."
    return Row(f"set:{one.key}", name, shown_line(value), note, "•" if mine else "", about)


def _short(origin: str) -> str:
    """``user file /home/x/config.toml:3`` as ``user file``."""
    return " ".join(origin.split()[:2]) if "file" in origin.split()[:2] else origin


def _with_about(row: Row, about: str) -> Row:
    return Row(row.key, row.name, row.value, row.note, row.mark, about)


def plain(one: Setting) -> str:
    """A setting's value as a person types it: a text without its quotes, a list with commas."""
    if one.kind == "list of texts":
        return ", ".join(listed(one))
    return _unquoted(one.value) if one.kind == "text" else one.value


def listed(one: Setting) -> list[str]:
    """The texts of a list."""
    import json

    return [str(item) for item in json.loads(one.value or "[]")]


def _unquoted(text: str) -> str:
    import json

    return str(json.loads(text)) if text.startswith('"') else text


def matching(rows: Iterable[Row], words: str) -> Iterator[Row]:
    """Those that hold all of the words."""
    wanted = words.casefold().split()
    for row in rows:
        text = f"{row.name} {row.value} {row.key} {row.about}".casefold()
        if all(word in text for word in wanted):
            yield row
