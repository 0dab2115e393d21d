"""Documents about a study: pictures, print, measurements and masks."""
