"""Passages: heading paths, what stays whole, where long blocks are cut, what is embedded."""

from __future__ import annotations

from copilot.adapters.readers.markdown import markdown_blocks
from copilot.knowledge.splitting import embedding_text, estimate_tokens, split
from copilot.messages import Block, Locator, ParsedDocument, Passage


def passages(
    text: str, *, target: int = 220, title: str = "Guide", labels: tuple[str, ...] = ()
) -> list[Passage]:
    document = ParsedDocument(title, markdown_blocks(text), "text/markdown", labels=("own",))
    return split(
        document, document_id="d", path="/g.md", source="/", labels=labels, target_tokens=target
    )


def pages(*blocks: Block) -> list[Passage]:
    return split(
        ParsedDocument("Deck", blocks, "x"),
        document_id="d",
        path="/d",
        source="/",
        labels=(),
        target_tokens=220,
    )


def test_the_heading_path_follows_the_nesting() -> None:
    text = "# A\n\none\n\n## B\n\ntwo\n\n### C\n\nthree\n\n## D\n\nfour\n\n# E\n\nfive"
    assert [p.heading_path for p in passages(text)] == [
        ("A",), ("A", "B"), ("A", "B", "C"), ("A", "D"), ("E",),
    ]  # fmt: skip


def test_a_heading_begins_the_passage_that_it_introduces() -> None:
    first, second = passages("# A\n\none\n\n## B\n\ntwo")
    assert first.text == "# A\n\none"
    assert second.text == "## B\n\ntwo"
    assert [span.kind for span in second.spans] == ["heading", "paragraph"]


def test_a_heading_without_text_goes_with_the_next_section() -> None:
    (only,) = passages("# A\n\n## B\n\ntwo")
    assert only.heading_path == ("A", "B")
    assert only.text.startswith("# A")


def test_headings_alone_still_make_a_passage() -> None:
    (only,) = passages("# A\n\n## B")
    assert only.text == "# A\n\n## B"


def test_a_skipped_level_and_a_lower_one_after_it_nest_right() -> None:
    found = passages("### Deep\n\none\n\n# Top\n\ntwo\n\n### Under\n\nthree")
    assert [p.heading_path for p in found] == [("Deep",), ("Top",), ("Top", "Under")]


def test_markup_is_stripped_from_the_heading_path() -> None:
    (only,) = passages("## The `foo` [page](x.md) {#anchor}\n\ntext")
    assert only.heading_path[0].startswith("The foo page")


def test_list_items_and_code_stay_whole_when_they_fit() -> None:
    items = [f"- item {n} " + "word " * 30 for n in range(12)]
    code = "```\n" + "\n".join(f"run {n}" for n in range(20)) + "\n```"
    text = "\n".join(items) + "\n\n" + code
    blocks = {block.text for block in markdown_blocks(text)}
    found = passages(text, target=100)
    assert len(found) > 3
    kept = {p.text[s.start : s.end] for p in found for s in p.spans}
    assert kept == blocks


def test_a_line_that_ends_in_a_colon_moves_on_with_what_it_introduces() -> None:
    filler = "word " * 60
    text = f"{filler}\n\nRun this:\n\n```\n{'cmd ' * 70}\n```"
    found = passages(text, target=100)
    assert found[-1].text.startswith("Run this:")


def test_an_outer_item_moves_on_with_its_nested_ones() -> None:
    text = "\n".join(
        ["- " + "word " * 40, "- Outer item with words", "  - " + "deep " * 40, "  - last"]
    )
    found = passages(text, target=64)
    assert any(p.text.startswith("- Outer item") for p in found)


def test_a_long_paragraph_is_cut_at_sentences_with_exact_lines() -> None:
    lines = [f"Sentence number {n} stands on its own line." for n in range(80)]
    found = passages("# T\n\n" + "\n".join(lines), target=64)
    assert len(found) > 5
    seen: list[str] = []
    for passage in found:
        span = passage.spans[-1]
        piece = passage.text[span.start : span.end].split("\n")
        assert piece == lines[int(span.locator.start) - 3 : int(span.locator.end) - 2]
        seen.extend(piece)
    assert seen == lines


def test_a_long_table_is_cut_between_rows() -> None:
    rows = ["| a | b |", "| - | - |", *(f"| row {n} | {'x' * 20} |" for n in range(60))]
    found = passages("\n".join(rows), target=80)
    assert [line for p in found for line in p.text.split("\n")] == rows


def test_one_endless_word_is_cut_too() -> None:
    found = passages("x" * 20_000, target=64)
    assert len(found) > 10
    assert "".join(p.text for p in found) == "x" * 20_000


def test_parts_never_share_a_passage_and_a_section_goes_on_over_pages() -> None:
    one, two = Locator("page", 1, 1), Locator("page", 2, 2)
    first, second = pages(
        Block("heading", "Intro", one, level=1, part="page 1"),
        Block("paragraph", "On page one.", one, part="page 1"),
        Block("paragraph", "On page two.", two, part="page 2"),
    )
    assert (first.locator, second.locator) == (one, two)
    assert second.heading_path == ("Intro",)


def test_a_heading_of_one_slide_is_not_over_the_next() -> None:
    _, second = pages(
        Block("heading", "One", Locator("slide", 1, 1), level=1, part="slide 1"),
        Block("list_item", "a", Locator("slide", 1, 1), part="slide 1"),
        Block("list_item", "b", Locator("slide", 2, 2), part="slide 2"),
    )
    assert second.heading_path == ()


def test_given_labels_stand_and_the_documents_own_are_never_lost() -> None:
    assert passages("text", labels=("given",))[0].labels == ("given",)
    assert passages("text")[0].labels == ("own",)


def test_embedding_text_names_title_and_path_once_and_has_no_markup() -> None:
    (only,) = passages("# Guide\n\nSee **the** [docs](http://x).")
    assert embedding_text(only) == "Guide\nSee the docs."
    (other,) = passages("# Setup\n\nText.")
    assert embedding_text(other) == "Guide > Setup\nText."


def test_the_token_counter_that_is_given_is_used() -> None:
    document = ParsedDocument("", markdown_blocks("\n\n".join(["a b c d"] * 20)), "text/markdown")
    found = split(
        document,
        document_id="d",
        path="/p",
        source="/",
        labels=(),
        target_tokens=40,
        count_tokens=lambda text: 10 * len(text.split()),
    )
    assert len(found) == 20


def test_an_estimate_counts_long_words_as_several() -> None:
    assert estimate_tokens("a b, c") == 4
    assert estimate_tokens("internationalization") > 2
