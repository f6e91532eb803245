"""Allocate: a round is set up, a sample of plans is drawn, and the plans are given blind to auditors of every agency.

A round is created with its framework, dates, agencies and auditors; conflicts say who may not rate what; a draw
allocates the plans by a solver that can be checked (`problem.py`, `solve.py`); the lead looks at the draft and opens
the round. Afterwards allocations are accepted, declined, repaired and ended. No rating exists in this stage.
"""
