"""History: what was known when, what has become stale since, and the data of then, read again.

Everything rests on the chained ledgers and on landing, which only grow.
"""
