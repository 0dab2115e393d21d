"""ShortAxis's numbers beside those of readers, other packages and angiography."""
