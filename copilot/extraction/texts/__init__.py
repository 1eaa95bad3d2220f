"""A support text taken apart: its messages, whose words they are, and what each line is.

Invariant: nothing is dropped or moved; every part is given by its offsets.
"""

from copilot.extraction.texts.asking import about
from copilot.extraction.texts.forms import FormField, form_fields
from copilot.extraction.texts.taking_apart import read

__all__ = ["FormField", "about", "form_fields", "read"]
