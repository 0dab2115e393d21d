"""Whether simulated exams are like real ones."""
