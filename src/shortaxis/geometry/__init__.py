"""Frames, affines, poses and resampling: numpy and scipy only, nothing of any format."""
