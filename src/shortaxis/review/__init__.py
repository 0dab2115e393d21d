"""A local web page where poses are seen, corrected and signed off."""
