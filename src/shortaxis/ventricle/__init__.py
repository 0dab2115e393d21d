"""The wall of the left ventricle in a volume of known pose: surfaces, valve plane and trust."""
