"""Freehold: a tag-management and first-party tracking server that a brand runs itself."""
