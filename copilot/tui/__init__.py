"""The terminal application: screens and widgets that render what the core tells."""
