"""The passage index in LanceDB."""
