"""The booking core: from "may I?" to "it took place". Values and functions on them; it knows nothing of SMTP, SQL or HTTP.

money          amounts of one currency, in whole minor units
terms          what is offered or agreed, one immutable version after the other
deadlines      until when a reservation is to be paid or given up
cancellation   how much of the price goes back, by the days that are left
ledger         what was paid and given back, entry by entry, and what it comes to
"""
