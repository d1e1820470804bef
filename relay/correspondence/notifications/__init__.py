"""The mails about a booking, N1 to N27 (booking.md, "Notification catalogue"), each rendered from one value and nothing else.

matter        what a mail is about: everything that it may say
thread        how the mails about one booking to one recipient hang together
mail          the finished mail: header, text, HTML, calendar entry
sheet         what both forms show, in the order of reading
asking        what is said while something is asked for and answered
paying        what is said about money
going         what is said from the confirmation to the end
phrases       sentences that several of them share
buttons       what can be done from a mail
wording       what a notification is made of, and the words of its frame
conditions    what a sentence may depend on
known         the fields that sentences name, filled in
voice         sentences, said in the recipient's language
details       what, when, how long, where, for how many
prices        what it costs, line by line, and what was paid
comparison    what differs between two versions of the terms
cancelling    what goes back when it is cancelled
times         days, times, zones, lengths of time
invitation    the calendar entry
"""
