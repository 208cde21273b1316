"""From the files of a delivery into a store: checked first, read in blocks, committed with checkpoints, accounted for."""
