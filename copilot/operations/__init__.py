"""What is done to a whole Copilot, by whichever front end: a module each, none knows another."""
