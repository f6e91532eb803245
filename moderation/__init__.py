"""The moderation service: plans are allocated blind, scored independently, measured for agreement, moderated and tracked.

Start reading at `wiring.py`, which is a table of contents, then follow the stages in their order:
people, register, allocate, score, measure, moderate, track.
"""
