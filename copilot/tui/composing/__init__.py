"""Around the composer: what is offered while one types, and what a question is asked about."""
