"""Track: what came out of the audit rounds. Agreement over time, between agencies and on each criterion; plan quality with
its reliability on the same line; and, for each auditor after publication, their own answers beside the agreed ones.

Everything comes from closed rounds, quality and feedback from published ones only. A figure that rests on few plans is
withheld before it reaches a page, so the chart, the table and the CSV file always say the same.
"""
