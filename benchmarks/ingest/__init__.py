"""Proofs and measurements of the intake: order, kills, broken rows, attacks, speed."""
