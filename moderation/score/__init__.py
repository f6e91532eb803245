"""Score: an auditor reads a plan and judges it, question by question, alone.

*My plans* shows what was allocated; the sheet keeps every change as it is made; submitting locks it; at closing what is
unfinished lapses. The rating tables have five doors: `actions` (write), `own` (an auditor's own), `progress` (states of
sheets for counts), `locked` (numbers for arithmetic) and `released` (once a round is closed).
"""
