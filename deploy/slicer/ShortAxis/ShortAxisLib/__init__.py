"""What the module does without 3D Slicer: numbers in, numbers out."""
