"""What looks like a key, a token or a password, so that none ends up in a configuration file.

Invariant: a value that is refused is never repeated in the message.
"""

from __future__ import annotations

import re

_KEY = re.compile(
    r"""
      \bsk-[A-Za-z0-9_-]{16,}            # OpenAI, Anthropic, OpenRouter, DeepSeek
    | \b(?:gsk|xai|pplx|hf|r8|nvapi|fw|tgp)[_-][A-Za-z0-9_-]{16,}
    | \bAIza[A-Za-z0-9_-]{30,}           # Google
    | \b(?:AKIA|ASIA)[A-Z0-9]{16}\b      # AWS
    | \b(?:gh[pousr]|github_pat|glpat|xox[abprs]|xapp)[_-][A-Za-z0-9_-]{16,}
    | \b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}            # Stripe
    | \bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}      # SendGrid
    | \b(?:npm|dop_v1|shp(?:at|ca|pa|ss)|lin_api|glsa|whsec)_[A-Za-z0-9_]{16,}
    | \b(?:pypi-|ya29\.|hv[bs]\.|ATATT3)[A-Za-z0-9_.=-]{16,}
    | \beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}   # JSON web token
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
    | ://[^/\s:@]*:[^/\s@]+@             # password in an address
    """,
    re.VERBOSE,
)
_OPAQUE = re.compile(r"(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[A-Za-z0-9+/_=-]{28,}")
_NAMES = re.compile(r"(?:^|_)(?:api_?key|access_?key|secret|token|password|passwd)(?:$|_)", re.I)
_PROVIDER = re.compile(r"^([a-z0-9]+(?:_[a-z0-9]+)*?)_(?:api_?)?(?:key|token|secret)$", re.I)
_LONGEST = 10_000


def is_key(text: str) -> bool:
    """Whether ``text`` holds something shaped like a provider's key or a password."""
    return _KEY.search(text[:_LONGEST]) is not None


def key_spans(text: str) -> list[tuple[int, int]]:
    """Where in ``text`` something shaped like a provider's key or a password stands."""
    return [match.span() for match in _KEY.finditer(text)]


def is_opaque(text: str) -> bool:
    """Whether the whole of ``text`` is one long run of letters and digits, as keys are."""
    return _OPAQUE.fullmatch(text[:_LONGEST]) is not None


def names_a_key(name: str) -> bool:
    """Whether a setting of this name would hold a key, such as ``openai_api_key``."""
    return _NAMES.search(name) is not None


def provider_of(name: str) -> str:
    """The provider in such a name (``openai_api_key`` → ``openai``), or ``NAME``."""
    match = _PROVIDER.match(name)
    found = match.group(1).lower() if match else ""
    return "NAME" if found in ("", "api", "access", "secret") else found
