"""What may reach a terminal, a model or a log."""
