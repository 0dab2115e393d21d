"""Heart and torso activity and attenuation maps, drawn from parameters; uses torch."""
