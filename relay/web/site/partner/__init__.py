"""What partners see: requests and bookings, calendar, offers, team, and the conversation of each booking."""
