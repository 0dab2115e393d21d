"""ShortAxis in napari."""
