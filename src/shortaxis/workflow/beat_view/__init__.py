"""The beating heart for screens: cuts, contours, surfaces and maps, as plain values."""
