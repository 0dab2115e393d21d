"""What a batch of one machine survives: workers that die, a run that is interrupted or killed."""
