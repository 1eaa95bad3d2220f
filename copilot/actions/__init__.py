"""A record's way to a sink: proposal, policy, approval, outbox, undo."""
