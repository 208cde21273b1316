"""How identifiers are written alike before they are hashed: telephone numbers, mail addresses, names, postal addresses."""

from ingest.identity.encodings import birth_texts, name_texts
from ingest.identity.normalise import email_address, name_words, phone_number, postal_address

__all__ = ["birth_texts", "email_address", "name_texts", "name_words", "phone_number", "postal_address"]
