"""The booking core's half of the database: what can be booked, the bookings, their money, and what waits to be done with them.

    written        values of the booking core as JSON, and back
    catalogue      partners, offers, variants, profiles and slots, with every version they had
    records        the rows of bookings: made, found, locked, written by compare-and-swap
    history        the steps of a booking, hash-chained, and the booking as it was after each
    ledger         what was paid and given back
    capacity       who has how many places of which slot: never oversold
    timers         what the clock does, and when
    notifications  what people are to be told of a booking, each thing once
    letters        the mails that were sent, when the people in them are erased
    refunds        the outbox of refunds
    checkouts      payment pages at the provider, of which a booking has at most one that is open
    payment_events  what payment providers told, each once
    audit          whether all of them say the same
    endpoints      other systems that are told of what happens
    events         the outbox of what they are told
    repeats        what was answered to requests that may come again
    lists          bookings as somebody looks for them: filtered, in pages, counted

Functions take a `Connection` inside a transaction that the caller began, as in all of relay.store, so that a step with its money,
its places, its timers and its mail is one transaction (invariant 9).

Locks are taken in this order, by everybody, so that nobody waits for another in a circle:

    1. the catalogue    variants by their ids (catalogue.profiles_beside, slots_near), then whatever else is changed
    2. bookings         by their ids (records.locked, records.composite, timers.due, which skips those that others have)
    3. slots            by their ids (capacity.keep)
    4. the ledger       ledger.enter, whose events are unique: a second one waits for the first
    5. conversations    relay.store.steps, which lock what they change

On SQLite all of them are one lock, that of writing, taken when a transaction begins.
"""
