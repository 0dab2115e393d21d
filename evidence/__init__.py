"""Every number and picture that the pages show, and the command that makes each.

``python -m evidence list`` names them, with what has changed since each was measured.
"""
