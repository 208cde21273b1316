"""A simulated economy that writes the raw files of its institutions, and a sealed truth about its people."""
