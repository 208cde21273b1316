"""Checks of the code itself that no linter offers."""
