"""Money, time and shares as people read them.

Invariant: what isn't known has a sign or words of its own, and never reads as 0.
"""

from __future__ import annotations


def proportion(value: float | None) -> str:
    """``99.95%``, in two decimals at most; ``no data`` for none."""
    if value is None:
        return "no data"
    return f"{100 * value:.2f}".rstrip("0").rstrip(".") + "%"


def duration(milliseconds: float | None) -> str:
    """``340 ms``, ``2.4 s``, ``3 min``; a dash for none."""
    if milliseconds is None:
        return "-"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 100_000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds / 60_000:.0f} min"


def money(microusd: int | None, *, places: int = 6) -> str:
    """``$0.0012``, in two to ``places`` decimals; a question mark when the price is unknown."""
    if microusd is None:
        return "?"
    if microusd == 0:
        return "$0"
    dollars = microusd / 1_000_000
    if dollars >= 1:
        return f"${dollars:,.2f}"
    return f"${dollars:.{places}f}".rstrip("0").ljust(len("$0.00"), "0")


def share(part: int, whole: int) -> str:
    """``38%``; a dash of nothing."""
    return f"{100 * part / whole:.0f}%" if whole else "-"
