"""What is lost on exams that were made otherwise."""
