"""What training gave."""
