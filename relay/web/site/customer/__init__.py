"""What customers see: what waits for them, their bookings, vouchers, and the conversation of each."""
