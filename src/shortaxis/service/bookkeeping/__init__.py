"""What the node knows of studies and deliveries, in a database beside the spool."""
