"""What the tag costs a page, and what it loses when all goes wrong, in Chromium."""
