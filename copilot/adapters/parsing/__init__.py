"""Telephone numbers and dates by libraries that know how countries write them."""
