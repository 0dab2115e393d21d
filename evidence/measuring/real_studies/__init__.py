"""What real studies tell, whose pose nobody knows exactly."""
