"""Whatever a document holds, what reaches the terminal is inert, and ordinary text is untouched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.guard.terminal import clean, clean_line, link

FORBIDDEN = {
    *(c for c in range(0x20) if c not in (0x09, 0x0A)),
    *range(0x7F, 0xA0),
    *(0xAD, 0x061C, 0x180E, 0x200B, 0x200C, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xD800, 0xE000),
    *range(0xE0000, 0xE1000),
}
HOSTILE = [
    "\x1b",
    "\x1b[",
    "\x1b[31m",
    "\x1b]0;t\x07",
    "\x1b]8;;http://x\x1b\\",
    "\x1bP",
    "\x1b\\",
    "\x1b_x\x1b\\",
    "\x9b1m",
    "\x9d0;t\x9c",
    "\r",
    "\r\n",
    "\u200d",
    "\u200b",
    "\u202e",
    "\u2066",
    "\ufeff",
    "\U000e0041",
    "\U000e0100",
    "\ufe0f",
    "\ufe0e",
    "👩",
    "💻",
    "\ud800",
    "a",
    " ",
    "\n",
]
hostile = st.one_of(
    st.text(st.characters(exclude_categories=())), st.lists(st.sampled_from(HOSTILE)).map("".join)
)
ordinary = st.text(
    st.characters(categories=("L", "M", "N", "P", "S", "Zs"), include_characters="\n\t")
).filter(lambda text: not any(0xFE00 <= ord(c) <= 0xFE0F or ord(c) >= 0xE0000 for c in text))


@given(hostile)
def test_nothing_that_a_terminal_obeys_or_hides_is_left(text: str) -> None:
    cleaned = clean(text)
    assert not FORBIDDEN & {ord(c) for c in cleaned}
    for i, char in enumerate(cleaned):
        if char == "\u200d":
            # Between two pictures, and nowhere else.
            assert i > 0
            assert min(ord(cleaned[i - 1]), ord(cleaned[i + 1])) >= 0xA9


@given(hostile)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    line = clean_line(text)
    assert clean_line(line) == line


@given(hostile, hostile)
def test_what_is_safe_apart_is_safe_together_in_a_line(one: str, two: str) -> None:
    assert not FORBIDDEN & {ord(c) for c in f"{clean(one)} {clean(two)}"}


@given(ordinary)
def test_ordinary_text_is_unchanged(text: str) -> None:
    assert clean(text) == text


@given(hostile)
def test_a_line_is_one_line(text: str) -> None:
    assert len(clean_line(text).splitlines()) <= 1


@given(hostile, st.one_of(hostile, hostile.map(lambda t: "https://" + t), hostile.map("/".__add__)))
def test_a_link_adds_exactly_its_own_two_sequences(text: str, target: str) -> None:
    made = link(text, target)
    shown = clean_line(text)
    if made == shown:
        return
    head, sep, rest = made.partition("\x1b\\")
    assert sep
    assert head.startswith("\x1b]8;;")
    uri = head.removeprefix("\x1b]8;;")
    assert uri.isascii()
    assert uri.isprintable()
    assert " " not in uri
    assert rest == f"{shown}\x1b]8;;\x1b\\"


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\x1b]0;owned\x07b", "ab"),
        ("\x1b]52;c;cm0gLXJm\x1b\\copied", "copied"),
        ("\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\after", "after"),
        ("\x1b_Gf=100;AAAA\x1b\\image", "image"),
        ("\x9b31mred", "red"),
        ("never closed \x1b]0;title\nnext line", "never closed \nnext line"),
        ("over\rwrite\r\nnext", "over\nwrite\nnext"),
        ("user\u202egpj.exe", "usergpj.exe"),
        ("pass\u200bword\ufeff", "password"),
        ("tag\U000e0049\U000e0067", "tag"),
        ("family 👩\u200d💻 ok", "family 👩\u200d💻 ok"),
        ("heart ❤️ stays", "heart ❤️ stays"),
        ("smuggled ❤️\ufe0f\ufe0f\U000e0100", "smuggled ❤️"),
        ("a\u200db", "ab"),
        ("👩\u200da", "👩a"),
        ("a\u200d💻", "a💻"),
        ("broken \udcff byte", "broken \ufffd byte"),
        ("page\x0cbreak", "page\nbreak"),
        # “quoted” that was read as Latin-1 must not lose what stands between the quotes
        ("â\x80\x9cquotedâ\x80\x9d and â\x80\x9cmoreâ\x80\x9d", "âquotedâ and âmoreâ"),
    ],
)
def test_known_tricks(raw: str, safe: str) -> None:
    assert clean(raw) == safe


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "ssh://host", "relative/path.md", "", "https://" + "a" * 3000]
)
def test_what_may_start_a_program_is_not_linked(target: str) -> None:
    assert link("text", target) == "text"


def test_a_path_becomes_a_file_address() -> None:
    made = link("runbook", "/docs/on call/ü#1.md")
    assert made == "\x1b]8;;file:///docs/on%20call/%C3%BC%231.md\x1b\\runbook\x1b]8;;\x1b\\"
