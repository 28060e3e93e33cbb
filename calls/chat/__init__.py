"""The chat: the same conversation as on the telephone, by link."""
