"""Tables of data about persons' countries."""
