"""What an archive has and the node has not: looked up, and sent to the node by the archive."""
