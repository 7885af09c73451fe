"""The demo: a shop that carries the tag, visitors who play in it, partners that record.

shop       pages at /demo/, served by the collector beside its own routes
recorder   a program of its own: takes what the container `demo` forwards, and shows it
play       sends some hundred visitors' journeys to a running collector
"""
