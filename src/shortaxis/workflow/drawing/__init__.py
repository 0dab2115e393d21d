"""What several pictures share: a canvas in pixels, the scale of counts, tiles, a polar map."""
