"""DICOMweb: studies of a server come into a folder, and results go back; see PS3.18."""
