"""What people ask of Freehold, in words: what the command line and the console both call."""
