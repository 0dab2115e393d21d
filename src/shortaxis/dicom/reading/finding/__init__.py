"""Which files make up which study, without reading pixels."""
