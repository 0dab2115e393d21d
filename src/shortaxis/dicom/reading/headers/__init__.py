"""Headers as they are read: put right, classified, and what they tell."""
