"""How small `events` is and how fast it answers, measured on rows like those that sites write."""
