"""What the steps know of the world, as data: names, hosts and parameters, no behaviour."""
