"""Measurements beside their rivals, and the commands that write them to the results page."""
