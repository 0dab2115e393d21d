"""Training of the network that tells which way round a volume lies."""
