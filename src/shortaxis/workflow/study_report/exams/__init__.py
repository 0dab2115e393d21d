"""The exams of a report: which they are, and what is measured in each and between them."""
