"""A streamed answer, cut into what can be checked."""

from __future__ import annotations

import pytest

from copilot.answering.writing.cutting import Cutter, Unit, markers, without_markers

ANSWER = """\
You have 45 minutes [1]. If you don't, e.g. at night, the backup is paged. [2][3] Then it ends.

To restart:
1. Stop it with `systemctl stop app` [1]
2. Run
   the command [2].
   ```bash
   rm x
   ```
   [3]
- Done [1, 2]

## Heading
Another one [4]
```
code
```
It costs $5. NO
NOT_COVERED: the price"""


def _cut(text: str, size: int) -> list[Unit]:
    cutter = Cutter()
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    return [*(u for p in pieces for u in cutter.feed(p)), *cutter.finish()]


def test_sentences_items_and_code_come_out_whole_with_their_markers() -> None:
    assert [(u.kind, u.text, u.cited) for u in _cut(ANSWER, 5)] == [
        ("sentence", "You have 45 minutes.", (1,)),
        ("sentence", "If you don't, e.g. at night, the backup is paged.", (2, 3)),
        ("sentence", "Then it ends.", ()),
        ("lead", "To restart:", ()),
        ("item", "1. Stop it with `systemctl stop app`", (1,)),
        ("item", "2. Run\n   the command.", (2,)),
        ("code", "   ```bash\n   rm x\n   ```", (3,)),
        ("item", "- Done", (1, 2)),
        ("heading", "## Heading", ()),
        ("sentence", "Another one", (4,)),
        ("code", "```\ncode\n```", ()),
        ("sentence", "It costs $5.", ()),
        ("sentence", "NO", ()),
        ("sentence", "NOT_COVERED: the price", ()),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 40, 1000])
def test_how_the_text_arrives_makes_no_difference(size: int) -> None:
    assert _cut(ANSWER, size) == _cut(ANSWER, 4)


def test_a_sentence_comes_out_before_the_answer_ends() -> None:
    cutter = Cutter()
    assert list(cutter.feed("You have 45 minutes [1].")) == []
    assert [u.text for u in cutter.feed(" [2] The back")] == ["You have 45 minutes."]


def test_a_marker_behind_the_full_stop_belongs_to_its_sentence() -> None:
    first, second = _cut("One holds. [1] Two holds. [2]", 1)
    assert (first.cited, second.cited) == ((1,), (2,))


def test_an_open_code_block_is_given_out_at_the_end() -> None:
    assert [u.kind for u in _cut("```\nls\nrm", 2)] == ["code"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("[1]", (1,)),
        ("[1, 2] and [3]", (1, 2, 3)),
        ("[1][2][1]", (1, 2)),
        ("[2-4]", (2, 3, 4)),
        ("[^1]", (1,)),
        ("`a[0]`, list[int] and [x](y)", ()),
        ("[passage 3]", (3,)),
        ("[Passages 1 and 3], [source 2]", (1, 3, 2)),
        ("[ 1 ], [#2], [3,]", (1, 2, 3)),
        ("[1](https://x.org/2)", (1,)),
        ("[0] [7, 12]", (0, 7, 12)),
        ("", ()),
    ],
)
def test_markers_are_read_in_the_forms_that_models_write(
    text: str, numbers: tuple[int, ...]
) -> None:
    assert markers(text) == numbers


def test_without_its_markers_a_sentence_reads_on() -> None:
    assert without_markers("It ends [1]. Then [2], again [3][4].") == "It ends. Then, again."


@pytest.mark.parametrize(
    "marked",
    ["A b[1]. C d.", "A b [0]. C d [99].", "A b [ 1 ]. C d [source 2].", "A b.[1]C d [1 and 2]."],
)
def test_no_marker_is_left_in_the_text_and_words_stay_apart(marked: str) -> None:
    assert without_markers(marked) == "A b. C d."


def test_an_index_in_code_is_no_marker() -> None:
    assert without_markers("Take `items[0]` first [2].") == "Take `items[0]` first."
