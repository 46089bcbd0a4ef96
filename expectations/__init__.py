"""Every validation rule of Rapport, and the way from a set of files to verdicts.

The rules are plain objects (``rule.py``, ``rules/``) that can be listed without Great
Expectations; it is imported only when something is judged (``engine.py``). ``intake.py`` puts
reading, judging and sorting together; nothing here writes anything, and nothing knows Dagster.
"""
