"""Documents about a study: pictures, print and measurements."""
