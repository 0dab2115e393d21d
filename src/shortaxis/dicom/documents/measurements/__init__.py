"""Measurements as a structured report (TID 1500): its content, codes and regions."""
