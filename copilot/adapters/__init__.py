"""One folder for each outside thing; only the composition root imports them."""
