"""What the measuring scripts share: records, options, times, aims and pictures."""
