"""The proof of the risk model: every contender on six simulated economies that no choice was made on."""
