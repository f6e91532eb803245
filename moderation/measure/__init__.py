"""Measure: when a round is closed, its independent ratings become agreement, with intervals, by criterion, section, round and
pair of agencies; and again when a sheet is withdrawn. What is measured is stored with its seed and a fingerprint of its inputs."""
