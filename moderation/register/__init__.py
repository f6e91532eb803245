"""Register: the audit framework (versioned sections, criteria, scales and guidance) and the plans to be audited.

A QA lead keeps the framework, whose published versions never change, and the register of plans: pseudonymous cases, the
versions of their plans, and the audit pack of each version, which no auditor sees before a person
has passed its gate (`gate.py`).
"""
