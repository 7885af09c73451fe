"""What forwarding costs: a lane for each partner, beside a bare client that posts the same."""
