"""What may be opened of the files that people name: neither pipes nor bombs."""
