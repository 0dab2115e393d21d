"""One picture on which an operator accepts or rejects a reorientation."""
