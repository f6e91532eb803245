"""What tracking reads: released ratings (always with a Release), measurements, agreed ratings and trends, as frozen views."""
