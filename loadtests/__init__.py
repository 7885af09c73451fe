"""Load, faults and their verification: `python -m loadtests.crashes --help`."""
