"""Load, faults and their verification: see README.md here."""
