"""An earlier exam of the patient: found, checked, and compared with the one that is reported."""
