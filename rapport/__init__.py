"""Rapport's library: everything that works on the data, without Dagster or Great Expectations.

Rooms follow the data: ``clinics`` (who sends), ``sources`` (where from), ``exports`` (strict
reading), ``instruments`` and ``scoring`` (what answers mean), ``statistics`` and ``disclosure``
(what may be said), ``warehouse`` (where it is kept), ``rendering`` (the report), ``evidence``
(what an auditor can check), ``simulation`` (clinics that do not exist).
"""

__version__ = "0.1.0"
