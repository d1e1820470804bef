"""The mails about a booking, N1 to N27 (booking.md, "Notification catalogue"), each rendered from one value and nothing else.

matter    what a mail is about: everything that it may say
thread    how the mails about one booking to one recipient hang together
"""
