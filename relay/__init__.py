"""A mail gateway between the partners and the customers of a booking marketplace; neither learns who the other is."""
