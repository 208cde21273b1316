"""Declared readers of the files that shops, banks, registers, lenders and platforms deliver, one module a subject."""
