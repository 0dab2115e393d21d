"""Patients who move during the views: found, shown, and corrected."""
