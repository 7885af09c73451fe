"""Partners that fail, one of them for long and one without a word, and what the others notice.

steady     events at a steady rate, and when each was acknowledged
stages     the container, and what goes wrong in each stage of a run
account    what was acknowledged against what partners took, and how long it took them
"""
