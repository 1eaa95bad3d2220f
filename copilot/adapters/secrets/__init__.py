"""Where keys live: environment, OS keyring, encrypted file."""
