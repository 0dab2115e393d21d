"""How good polar maps and scores are."""
