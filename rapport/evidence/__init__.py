"""Evidence: does what was recorded still match what is kept, and how far has each month come."""
