"""Text that came from outside, made safe to print on a terminal.

Invariant: what ``clean`` returns holds no code point that a terminal obeys or hides: no
escape sequence, no control but newline and tab, no bidi control, no zero-width character
(a joiner inside an emoji excepted), no tag character. Cleaning twice changes nothing more.
"""

from __future__ import annotations

import re
from urllib.parse import quote

# Terminals obey the 8-bit introducers too, but in documents they are mostly mis-decoded quotes
# (“ ” read as Latin-1 end in U+009C and U+009D). So only an unmistakable 8-bit sequence goes
# whole; otherwise the control goes and the text around it stays.
_SEQUENCE = re.compile(
    r"\x1b\][^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC: title, clipboard, link
    r"|\x1b[PX^_][^\x1b\n]*(?:\x1b\x1b[^\x1b\n]*)*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    r"|\x1b\[[0-?]*[ -/]*[@-~]?"  # CSI: colour, cursor, modes
    r"|\x1b[ -/]*[0-~]?"  # the two- and three-character ones, and a lone ESC
    r"|\x9b[0-?]+[ -/]*[@-~]"
    r"|\x9d[0-9]+;[^\x07\x1b\x9c\x9d\n]*(?:\x07|\x1b\\|\x9c)"
)
_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0d\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_REMOVED = re.compile(f"[{_INVISIBLE}]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SUSPECT = re.compile(f"[{_INVISIBLE}\r\x0b\x0c\x85\u200d\u2028\u2029\ufe0e\ufe0f\ud800-\udfff]")

_EMOJI = "\u00a9\u00ae\u203c\u2049\u2122-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
# One selector after a visible character chooses emoji or text form; a run of them smuggles data.
_STRAY_SELECTOR = re.compile("(?:(?<=[\\s\ufe0e\ufe0f])|\\A)[\ufe0e\ufe0f]+")
_STRAY_JOINER = re.compile(f"(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])")

_LINKABLE = ("http://", "https://", "file://", "mailto:")
_URI_CHARACTERS = ":/?#[]@!$&'()*+,;=-._~%"
_LONGEST_TARGET = 2083  # VTE ignores longer ones


def clean(text: str) -> str:
    """``text`` without anything that a terminal would obey or hide.

    Line ends of every kind become a newline. Linear in the length of ``text``; text that
    needs nothing is returned as it is. Joiners of Persian and Indic scripts go too: their
    letters stay readable, and nothing invisible is left to hide in.
    """
    if _SUSPECT.search(text) is None:
        return text
    text = _SEQUENCE.sub("", text)
    text = _BREAK.sub("\n", text)
    text = _REMOVED.sub("", text)
    text = _SURROGATE.sub("\ufffd", text)
    before = None
    while before != text:  # removing a joiner can bare a selector, and the other way round
        before = text
        text = _STRAY_JOINER.sub("", _STRAY_SELECTOR.sub("", text))
    return text


def clean_line(text: str) -> str:
    """``clean`` on one line: every run of white space becomes one space."""
    return " ".join(clean(text).split())


def link(text: str, target: str) -> str:
    """``text`` as an OSC 8 hyperlink to ``target``, a URI or an absolute path.

    Only http, https, file and mailto are linked, others may start programs; a target that
    can't be linked leaves the plain text. The result is the one thing not to ``clean``.
    """
    shown = clean_line(text)
    path = target.startswith("/")
    safe = "/-._~" if path else _URI_CHARACTERS
    try:
        encoded = quote(target, safe=safe, errors="surrogateescape")
    except UnicodeEncodeError:
        return shown
    uri = f"file://{encoded}" if path else encoded
    if not uri.lower().startswith(_LINKABLE) or len(uri) > _LONGEST_TARGET:
        return shown
    return f"\x1b]8;;{uri}\x1b\\{shown}\x1b]8;;\x1b\\"
