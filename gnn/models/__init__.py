"""The models beside the network, calibration, and the average."""
