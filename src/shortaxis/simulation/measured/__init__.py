"""Patients as they were measured: what version 2 of the presets draws from."""
