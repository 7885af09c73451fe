"""Who comes to the demo shop, with what, and from where: tables to draw from, each with weights."""
