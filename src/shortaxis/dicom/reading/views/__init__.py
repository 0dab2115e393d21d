"""Views of NM TOMO and GATED TOMO objects: order, angles, heads and windows (PS3.3 C.8.4)."""
