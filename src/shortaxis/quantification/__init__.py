"""From counts and a pose to a polar map, 17 segments and scores; geometry in mm throughout."""
