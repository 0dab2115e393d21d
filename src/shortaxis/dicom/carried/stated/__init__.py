"""What a header states of the patient and of the part that was imaged."""
