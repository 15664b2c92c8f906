"""One file per facet. Each learns modes from a bounded sample and labels any batch; none computes a p-value."""
