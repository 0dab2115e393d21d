"""A DICOM node: studies come in, slices go out, and nothing that was acknowledged is lost."""
