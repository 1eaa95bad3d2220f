"""One module for each family of formats, each over a library that reads it."""
