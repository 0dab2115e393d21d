"""The wall network's training: samples along rays, losses, loop, export and calibration."""
