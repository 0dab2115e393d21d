"""Objects as a camera stores them, for exams that were simulated."""
