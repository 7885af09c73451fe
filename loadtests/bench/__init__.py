"""How many hits a second one core takes, beside what it could take at best.

core A: one server at a time     core B: wrk, or the steady client
every server answers the same POST; rounds alternate, so that all meet the same weather
"""
