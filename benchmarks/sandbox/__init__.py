"""The benchmark over the simulated economy: models beside the known truth, in several divisions of the same loans."""
