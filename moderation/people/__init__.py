"""People: who may do what, where.

A local area is a council with its partners; its agencies (education, health, social care, others) send the auditors. An account
is one person, wherever they work; a membership gives that account roles in one area, and the agency it belongs to there. People
are invited by letter, choose their own password, and work in one area at a time. Changed roles, ended memberships and disabled
accounts take effect with the next request.
"""
