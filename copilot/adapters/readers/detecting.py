"""Which format a file is in, by its content first and its name second.

Invariant: a file that no reader takes gets a reason and a remedy here, so that none is
passed over in silence.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from copilot.adapters.readers.containers import DAMAGE
from copilot.adapters.readers.decoding import looks_binary, marked_encoding
from copilot.errors import ReadError, SkippedInputError


class Format(StrEnum):
    """Every format that a reader takes."""

    MARKDOWN = "markdown"
    RST = "rst"
    TEXT = "text"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    PPTX = "pptx"
    XLSX = "xlsx"
    DELIMITED = "delimited"
    JSON_LINES = "json lines"
    DATA = "data"
    MAIL = "mail"
    OUTLOOK = "outlook"
    NOTEBOOK = "notebook"
    CODE = "code"
    EPUB = "epub"
    ODT = "odt"
    RTF = "rtf"


BY_SUFFIX = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd"), Format.MARKDOWN),
    **dict.fromkeys((".rst", ".rest"), Format.RST),
    **dict.fromkeys((".html", ".htm", ".xhtml"), Format.HTML),
    **dict.fromkeys((".csv", ".tsv", ".tab"), Format.DELIMITED),
    **dict.fromkeys((".jsonl", ".ndjson"), Format.JSON_LINES),
    **dict.fromkeys(
        (".json", ".yaml", ".yml", ".toml", ".xml", ".ini", ".cfg", ".conf", ".properties"),
        Format.DATA,
    ),
    **dict.fromkeys((".eml", ".mht"), Format.MAIL),
    ".ipynb": Format.NOTEBOOK,
    ".rtf": Format.RTF,
}
LANGUAGES = {
    ".py": "python", ".pyi": "python", ".js": "javascript", ".mjs": "javascript",
    ".cjs": "javascript", ".jsx": "javascript", ".ts": "typescript", ".tsx": "typescript",
    ".go": "go", ".rs": "rust", ".java": "java", ".kt": "kotlin", ".scala": "scala",
    ".c": "c", ".h": "c", ".cc": "c++", ".cpp": "c++", ".hpp": "c++", ".cs": "c#",
    ".rb": "ruby", ".php": "php", ".pl": "perl", ".lua": "lua", ".r": "r", ".jl": "julia",
    ".swift": "swift", ".m": "objective-c", ".ex": "elixir", ".exs": "elixir",
    ".erl": "erlang", ".hs": "haskell", ".clj": "clojure", ".sh": "shell", ".bash": "shell",
    ".zsh": "shell", ".fish": "shell", ".ps1": "powershell", ".bat": "batch", ".sql": "sql",
    ".css": "css", ".scss": "css", ".tcss": "css", ".less": "css", ".vue": "vue",
    ".svelte": "svelte", ".tf": "terraform", ".hcl": "hcl", ".proto": "protobuf",
    ".graphql": "graphql", ".cmake": "cmake", ".gradle": "gradle", ".dart": "dart",
    ".nix": "nix", ".zig": "zig", ".vim": "vim",
}  # fmt: skip
_CODE_NAMES = frozenset({"dockerfile", "makefile", "justfile", "vagrantfile", "jenkinsfile"})

_ARCHIVE = "Unpack it and add the folder."
_MEDIA = "Only text is indexed; add a transcript or a text version."
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image", _MEDIA),
    (b"\xff\xd8\xff", "a JPEG image", _MEDIA),
    (b"GIF87a", "a GIF image", _MEDIA),
    (b"GIF89a", "a GIF image", _MEDIA),
    (b"II*\0", "a TIFF image", _MEDIA),
    (b"MM\0*", "a TIFF image", _MEDIA),
    (b"ID3", "an MP3 recording", _MEDIA),
    (b"\xff\xfb", "an MP3 recording", _MEDIA),
    (b"OggS", "an Ogg recording", _MEDIA),
    (b"\x1f\x8b", "a gzip archive", _ARCHIVE),
    (b"BZh", "a bzip2 archive", _ARCHIVE),
    (b"\xfd7zXZ\0", "an xz archive", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _ARCHIVE),
    (b"Rar!", "a RAR archive", _ARCHIVE),
    (b"\x7fELF", "a program", "Exclude it in .copilotignore."),
    (b"SQLite format 3\0", "an SQLite database", "Export the tables as CSV."),
    (b"PAR1", "a Parquet file", "Export it as CSV or JSON Lines."),
    (b"\x30\x82", "a signed or encrypted container", "Export the text from its program."),
)
_LEGACY = (
    ("WordDocument", "an old Word file (.doc)", "Save it as .docx."),
    ("Workbook", "an old Excel file (.xls)", "Save it as .xlsx or .csv."),
    ("Book", "an old Excel file (.xls)", "Save it as .xlsx or .csv."),
    ("PowerPoint Document", "an old PowerPoint file (.ppt)", "Save it as .pptx."),
)
_HTML = re.compile(r"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_MAIL_HEADER = re.compile(
    r"^(From|To|Cc|Date|Subject|Received|Return-Path|Message-ID|MIME-Version|Content-Type)"
    r":[ \t]\S",
    re.I | re.M,
)
_MAIL_LINE = re.compile(r"(?:[\w-]+:[ \t]|[ \t]+\S)")


def detect(path: Path, head: bytes, open_file: Callable[[], BinaryIO]) -> Format:
    """The format of a file whose first bytes are ``head``.

    ReadError when it is damaged or protected, SkippedInputError when no reader takes it.
    ``open_file`` is only called for what the head alone doesn't tell: containers, JSON.
    """
    name = path.name
    if not head:
        raise SkippedInputError(f"{name} is empty", hint="Nothing to do.")
    if b"%PDF-" in head[:1024] and not head.lstrip().startswith(b"<"):
        return Format.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        with open_file() as stream:
            return _zip_format(name, stream)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        with open_file() as stream:
            return _ole_format(name, stream)
    if head.startswith(b"{\\rtf"):
        return Format.RTF
    if head.lstrip().startswith((b"-----BEGIN ", b"PuTTY-User-Key-File")):
        raise SkippedInputError(
            f"{name} is a key, a certificate or a signed container",
            hint="Keep keys out of folders that are indexed.",
        )
    for magic, what, hint in _MAGIC:
        if head.startswith(magic):
            raise SkippedInputError(f"{name} is {what}", hint=hint)
    return _text_format(path, head, open_file)


def _text_format(path: Path, head: bytes, open_file: Callable[[], BinaryIO]) -> Format:
    name, suffix = path.name, path.suffix.lower()
    encoding = marked_encoding(head)
    if encoding is None and looks_binary(head):
        if suffix in (".pdf", ".docx", ".pptx", ".xlsx", ".msg", ".epub", ".odt"):
            raise ReadError(
                f"{name} is damaged: its content is not {suffix[1:].upper()}",
                hint="Get a fresh copy.",
            )
        raise SkippedInputError(
            f"{name} is binary data in a format that isn't read",
            hint="Export it as text, or exclude it in .copilotignore.",
        )
    text = head.decode(encoding or "utf-8", "replace")
    if _is_html(text) and suffix not in LANGUAGES and suffix != ".mht":
        return Format.HTML
    if suffix in BY_SUFFIX:
        if suffix == ".json" and _is_json_lines(text, encoding or "utf-8", open_file):
            return Format.JSON_LINES
        return BY_SUFFIX[suffix]
    if suffix in LANGUAGES or name.lower() in _CODE_NAMES:
        return Format.CODE
    if _is_mail(text):
        return Format.MAIL
    if text.lstrip().startswith("<?xml"):
        return Format.DATA
    return Format.TEXT


def _is_html(text: str) -> bool:
    """Whether text begins as an HTML page, after an XML declaration and comments."""
    rest = text.lstrip()
    while rest.startswith(("<?xml", "<!--")):
        closing = "?>" if rest.startswith("<?") else "-->"
        _, found, after = rest.partition(closing)
        if not found:
            return False
        rest = after.lstrip()
    return _HTML.match(rest) is not None


def _is_json_lines(text: str, encoding: str, open_file: Callable[[], BinaryIO]) -> bool:
    """Whether each of the first two lines is an object; the head may end within the first."""
    first, ended, _ = text.strip("\ufeff \t\r\n").partition("\n")
    if not first.startswith("{") or (ended and not first.rstrip().endswith("}")):
        return False
    with io.TextIOWrapper(open_file(), encoding, "replace") as lines:
        firsts = list(islice(filter(None, map(str.strip, lines)), 2))
    return len(firsts) == 2 and all(
        line.lstrip("\ufeff").startswith("{") and line.endswith("}") for line in firsts
    )


def _is_mail(text: str) -> bool:
    """Whether text begins with a block of mail headers."""
    head = text.lstrip().replace("\r", "").split("\n\n", 1)[0]
    if not all(_MAIL_LINE.match(line) for line in head.split("\n")[:4]):
        return False
    found = {match.group(1).lower() for match in _MAIL_HEADER.finditer(head)}
    return len(found) >= 3 and "from" in found and bool(found & {"message-id", "mime-version"})


def _zip_format(name: str, stream: BinaryIO) -> Format:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            mimetype = archive.read("mimetype")[:80] if "mimetype" in names else b""
    except DAMAGE as error:
        raise ReadError(
            f"{name} is truncated or damaged: its container doesn't open",
            hint="Get a fresh copy.",
        ) from error
    for member, found in (
        ("word/", Format.DOCX),
        ("ppt/", Format.PPTX),
        ("xl/", Format.XLSX),
    ):
        if any(entry.startswith(member) for entry in names):
            return found
    if mimetype.startswith(b"application/epub"):
        return Format.EPUB
    if mimetype.startswith(b"application/vnd.oasis.opendocument.text"):
        return Format.ODT
    raise SkippedInputError(f"{name} is a ZIP archive", hint=_ARCHIVE)


def _ole_format(name: str, stream: BinaryIO) -> Format:
    import olefile

    try:
        with olefile.OleFileIO(stream) as container:
            streams = {entry[0] for entry in container.listdir()}
    except DAMAGE as error:
        raise ReadError(
            f"{name} is truncated or damaged: its container doesn't open",
            hint="Get a fresh copy.",
        ) from error
    if "EncryptedPackage" in streams:
        raise ReadError(
            f"{name} is protected by a password", hint="Save a copy without the password."
        )
    if any(entry.startswith("__properties") for entry in streams):
        return Format.OUTLOOK
    for entry, what, hint in _LEGACY:
        if entry in streams:
            raise SkippedInputError(f"{name} is {what}", hint=hint)
    raise SkippedInputError(
        f"{name} is an old Office container", hint="Save it in a current format."
    )
