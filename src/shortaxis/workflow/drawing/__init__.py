"""What several pictures share: a canvas in pixels, the scale of counts, a polar map."""
