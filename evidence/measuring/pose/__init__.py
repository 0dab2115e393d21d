"""How good poses are where the truth is known."""
