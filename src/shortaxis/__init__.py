"""ShortAxis."""
