"""The demo: a shop that carries the tag, visitors who play in it, partners that record.

shop       pages at /demo/, served by the collector beside its own routes
recorder   a program of its own: stands in for partners, and shows what they receive
  partners/  each partner's published rules, and what it answers
  trouble    what goes wrong, by script    taken     what each partner took
  playing    one request, played           speaking  how its answer leaves
play       sends some hundred visitors' journeys to a running collector
"""

DEMO = "demo"
"""The container of the demo shop."""
