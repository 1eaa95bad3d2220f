"""One turn: rewrite, retrieve, write or quote, check, cite."""
