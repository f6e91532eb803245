"""Moderation: after closing, the disagreements of a round are found once and ranked by what is at stake; a moderator puts them
into meetings; a meeting that has a quorum looks at the evidence of Auditor A, B and C and agrees a rating with its reason,
dissent and lesson. Agreed ratings stand beside the independent ones and never replace them. The lead publishes the round when
nothing is left open; cells nobody discussed then get the lower median, and say so."""
