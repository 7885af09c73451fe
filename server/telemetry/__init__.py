"""What processes tell of themselves: the collectors' figures, and everybody's log.

A collector writes its figures to a small file about once a second; the pipeline reads them for
Prometheus, and `freehold status` for people, be the node up or down.
"""
