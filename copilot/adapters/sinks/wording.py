"""Words of titles: to look for entries on the same issue, and to tell how alike two are.

Invariant: a word is letters and digits with what joins them, so that it means nothing to a
query language.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:[-._][^\W_]+)*")
_PREFIX = re.compile(r"^\s*(?:(?:re|fwd?|aw|wg|tr|rv)\s*:\s*)+", re.IGNORECASE)
# Words that titles of any issue share.
_COMMON = frozenset(
    """
    a an and are at be but by can do for from get has have how i in is it my no not of on or our
    please that the there this to we what when with you your
    auf bei das dem den der die ein eine es für ich im in ist kann mit nicht und von wir zu
    au avec ce dans de des du en est et il je la le les mon ne nous par pas pour que sur un une
    al con del el es la las lo los me mi no para por que se su un una y
    """.split()
)


def words(title: str) -> list[str]:
    """What a title says, without Re: and Fwd: and the words that all titles share."""
    found = _WORD.findall(_PREFIX.sub("", title).casefold())
    return list(dict.fromkeys(word for word in found if word not in _COMMON))


def alike(one: str, other: str) -> float:
    """The share of their words that two titles have in common, 0 to 1."""
    mine, theirs = set(words(one)), set(words(other))
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0
