"""Mail in transit (RFC 5598 §2.2): the values that pass between the edges while a message crosses the gateway."""
