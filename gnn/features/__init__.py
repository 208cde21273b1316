"""Tables of features: planned from the vocabulary, built as of each instant, standardised, and masked for explanations."""
