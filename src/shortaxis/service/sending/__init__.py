"""Results on their way to archives: associations, web stores, and how long a peer may take."""
