"""Public data sets of others, brought into the folders that the other verbs read."""
