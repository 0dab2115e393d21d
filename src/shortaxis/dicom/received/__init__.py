"""Objects as a node receives them: which they are, whether two are the same, what is answered."""
