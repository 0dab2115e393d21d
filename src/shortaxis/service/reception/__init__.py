"""What strangers may cost the node: connections, bytes on their way, headers."""
