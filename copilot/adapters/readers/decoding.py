"""Bytes to text: byte order marks, UTF-16 and UTF-32 without them, legacy code pages.

Invariant: binary data is refused, never turned into text; line ends become ``\\n``, so that
line numbers are those an editor shows.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from copilot.errors import ReadError

_MARKS = (  # UTF-32 before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 65_536
_HIGH_RUNS = re.compile(rb"[\x80-\xff]+")
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r\f\x08\x0b\x1b")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text. ``guessed`` names the encoding when it had to be guessed."""

    text: str
    guessed: str = ""

    @property
    def warnings(self) -> tuple[str, ...]:
        return (f"not UTF-8: read as {self.guessed}",) if self.guessed else ()


def decode(data: bytes, name: str, *, declared: str = "") -> Decoded:
    """Decode a whole file. ReadError when it is binary, or no encoding fits.

    ``declared`` is the encoding that the file itself names; it is tried before guessing.
    """
    found = decode_exactly(data, name, declared=declared)
    return replace(found, text=_lines(found.text))


def decode_exactly(data: bytes, name: str, *, declared: str = "") -> Decoded:
    """As ``decode``, with line ends left as they are."""
    encoding = marked_encoding(data)
    if encoding is None:
        if looks_binary(data):
            raise ReadError(
                f"{name} is binary data, not text", hint="Exclude it in .copilotignore."
            )
        try:
            return Decoded(data.decode("utf-8"))
        except UnicodeDecodeError:
            try:
                return Decoded(data.decode(declared or "ascii"))
            except (LookupError, UnicodeError):
                encoding = _legacy_encoding(data)
            return Decoded(data.decode(encoding, "replace"), guessed=encoding)
    try:
        return Decoded(data.decode(encoding))
    except UnicodeDecodeError:
        # A cut-off last character is common in truncated files; anything worse is not text.
        text = data.decode(encoding, "replace")
        if text.count("\ufffd") > 8 + len(text) // 50:
            raise ReadError(
                f"{name} is not valid {encoding} text", hint="Save it as UTF-8."
            ) from None
        return Decoded(text, guessed=f"{encoding}, damaged")


def marked_encoding(data: bytes) -> str | None:
    """The encoding that a byte order mark or the pattern of zero bytes gives away."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[:4096]
    sample = sample[: len(sample) // 4 * 4]
    if len(sample) < 4 or b"\0" not in sample:
        return None
    zeros = [sample[i::4].count(0) * 4 / len(sample) for i in range(4)]
    if min(zeros[2], zeros[3]) > 0.9 and zeros[0] < 0.5:
        return "utf-32-le"
    if min(zeros[0], zeros[1]) > 0.9 and zeros[3] < 0.5:
        return "utf-32-be"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    if even > 0.4 and odd < 0.1:
        return "utf-16-be"
    return None


def looks_binary(data: bytes) -> bool:
    """Whether unmarked bytes hold what text doesn't: zero bytes, many control characters."""
    sample = data[:_SAMPLE]
    if not sample:
        return False
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return b"\0" in sample or controls > len(sample) // 50 + 1


def _lines(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.removeprefix("\ufeff")


def _legacy_encoding(data: bytes) -> str:
    """Which code page unmarked, non-UTF-8 bytes are in."""
    sample = data[:_SAMPLE]
    # One stray byte in a UTF-8 file doesn't make it something else.
    bad = data.decode("utf-8", "replace").count("\ufffd")
    if bad * 20 < sum(1 for run in _HIGH_RUNS.findall(data) if len(run) > 1):
        return "utf-8"
    runs = _HIGH_RUNS.findall(sample)
    # Western text has lone accented letters; other scripts come in runs.
    if runs and sum(1 for run in runs if len(run) == 1) >= 0.8 * len(runs):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None or str(best) == sample.decode("cp1252", "replace"):
        return "cp1252"
    return best.encoding
