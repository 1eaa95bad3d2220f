"""Who is who in a text: people, the companies that they work for, what they do and where.

Invariant: every candidate stands where structure or plain wording shows it, never a capital alone.
"""

from copilot.extraction.people.finding import find_people

__all__ = ["find_people"]
