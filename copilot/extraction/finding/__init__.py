"""Values that stand in a text, each with the words that state it; nothing of what they are for."""
