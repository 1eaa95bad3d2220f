"""What happened: every run, recorded, merged and read back."""
