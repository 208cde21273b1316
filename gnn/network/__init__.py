"""The heterogeneous temporal graph network: trees of facts encoded, its layers, training, and bit-exact inference."""
