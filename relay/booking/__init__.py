"""The booking core: from "may I?" to "it took place". Values and functions on them; it knows nothing of SMTP, SQL or HTTP.

beginning      how a booking begins: what somebody orders becomes a draft, and that a request, a reservation or a checkout
lifecycle      what an act comes to, by the table of all steps there are
transitions    that table: who, from where, on which conditions, and what it causes
transition     what a row of it is, and what a step comes to
forecast       what the clock will do to a booking, when and why, and for whom it waits meanwhile
reminders      when people are reminded, and when they are left in peace
guards         the conditions, each with the sentence that says why not
checks         the same of what somebody wrote
changes        what a step changes beside the stage
situation      what is known when somebody acts, and what they want
booking        where a booking stands, on a few small axes
catalogue      what can be booked: offers, variants, prices, slots
partner        who provides it, their staff, and how they are reached
profile        which variants may be reserved by whom, where, and on which days
offer          the switches that tell one marketplace's rules from another's
requirement    what the customer has to do before they go
terms          what is offered or agreed, one immutable version after the other
badges         the signs that a booking carries in lists and on the calendar
selection      which bookings somebody looks at, and how many there are of each kind
notification   the mails about a booking, and whom they are for
texts          what people read, in the languages it was written in
money          amounts of one currency, in whole minor units
deadlines      until when a reservation is to be paid or given up
cancellation   how much of the price goes back, by the days that are left
refunds        how much goes back, and to which payment
erasure        what is left of a booking when the people in it are erased
ledger         what was paid and given back, entry by entry, and what it comes to
link           what a link in a mail allows to whom, and how the form behind it is known
answer         what somebody says by mail to what was asked: a clear word, or a message to the other side
answer_words   those words, in six languages
"""
