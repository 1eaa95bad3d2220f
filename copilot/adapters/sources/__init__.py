"""Where documents come from: folders and files."""
