"""Training of the networks: samples, losses, the loop, export; needs the extra ``train``."""
