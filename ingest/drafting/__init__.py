"""Drafts a mapping by looking at the beginning of a file: proposes, marks what a person must choose, decides nothing."""
