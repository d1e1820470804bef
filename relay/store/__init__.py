"""Everything that is kept: conversations, messages, deliveries, the timeline. SQLite by default, PostgreSQL to grow.

A map, from the ground up:

    engine         opening a database; transactions, and lines that are kept between them; trouble becomes `Unavailable`
    schema         migrations: bringing a database to the present schema, and asking whether it is
    columns        what tables are made of: bounds and closed sets as checks, partial indexes
    tables         what stands where, with its bounds
    catalogue_tables  the same of what can be booked
    booking_tables    the same of bookings, their history and ledger
    life_tables       the same of what must not be erased, and of what was
    record_tables  what stands where of the record
    exchange_tables   the same of their dealings with others: notifications, payments, webhooks, links
    support_tables    the same of support's work: who looked at what, cases, searches that are kept
    people_tables     the same of people who sign in
    order_tables      what stands where of orders that wait to be confirmed
    operator_tables   the same of the operators' own
    rows           many rows written at little cost; text and times as columns hold them
    prepared       statements that are put together once: the path of mail asks by them
    committer      group commit: one thread writes, one commit for whatever waits (invariant 3)
    arrivals       what the committer came to, brought to the event loop a batch at a time
    rounds         questions of one turn of the event loop, answered together
    glance         questions that are answered in the event loop itself, where the database is SQLite
    store          the asynchronous face of all this, for the edges

    conversations  finding a conversation by alias or reference
    steps          opening, confirming, extending, moving, closing, reopening, resuming one
    known          from where a party writes, and from where they do not
    stepping       who steps in, when and why
    background     what is known of a conversation before a message to it is judged
    rates          whether a writer or a conversation has had the messages that a rate allows
    blobs          octets, compressed, without what stands in another blob
    excerpts       what one blob has of another, so that it is kept once
    evidence       what speaks for the author of a message, in its row
    objects        where large octets are kept when it is not the database
    s3             such a place: S3-compatible storage
    ownership      whose objects lie at a place, so that no other installation sweeps them
    orphans        objects that no row names, and their removal
    packing        one accepted message as rows, made outside the transaction
    accepting      one accepted message with all that it causes; resent messages; threads
    claims         deliveries that are due: who has them, and in which turn
    outbox         what an attempt to deliver came to, and a bounce
    transport      what domains demand of the hosts that take their mail, and how sessions with those were protected
    presence       which workers are at work: what one claimed that died is due again
    mailboxes      which known addresses are dead
    alerts         what the operators have to hear of
    posting        mail about bookings on its way from the step that causes it to its delivery
    unreached      which party of a booking no mail reaches: what its lifecycle hears of
    house_mail     mail to the house itself, and the bounces in it
    occasions      what a delivery was about, and to whom it went
    tracked        a delivery as operators see it
    queue          the operators' view of deliveries: list, hold, release, retry, drop
    destinations   those to which operators let nothing be sent
    dead_letters   deliveries that failed for good, and who was told
    traffic        how much was taken, refused, handed on, hour by hour
    audits         when somebody audited
    held           shares of messages that wait for a person, and what that person makes of them
    backlog        how much waits, and for how long
    questions      who wrote what is held because nobody knows its writer, and what the party said who was asked
    booking_links  links that decide, and where mails about a booking are answered
    booking_answers  what was answered by mail about a booking, and when that is carried out
    timeline       what happened in a conversation: append-only, hash-chained (invariant 11)
    record         every entry of every timeline as a leaf of one tree, and its signed heads (AR-1)
    archive        one message with everything about it; tracing an id
    bundling       a conversation gathered for a bundle (AR-1)
    threads        a conversation as one of its parties sees it
    disputes       what happened in one conversation, for who decides about it
    outcomes       what became of everything that was written in a conversation
    found          what was taken out of a rendition, and found in it, as columns hold it
    folding        words as the search index holds them, whatever their accents and case
    terms          what a search looks for, and who asks
    days           days as people write them in a search
    operators      every operator of the search box
    query          the language of the search box
    resolving      what the tables say before the index is asked: bookings by their case, state, activity
    matching       a query in the languages of the two databases
    wording        texts as the index takes them: an address is one word that nobody can type
    marking        what the index knows of a message besides its words
    volumes        SQLite's index, cut by the numbers of messages
    indexing       filling the full-text index
    search         asking it
    facets         how many messages a query describes, and of what kinds, as far as a moment allows
    nearly         references that are nearly what somebody typed
    highlight      where a hit stands in what people wrote
    access_log     who of the house looked at what: append-only
    cases          disputes about bookings, with their notes and evidence
    saved_searches  searches that somebody keeps
    snapshot       a copy of an SQLite database while others write it
    restored       what was under way when a backup was made, decided when it is put back
    moving         everything copied into another database
    digests        what stands in the place of a secret
    tokens         who may use the HTTP API
    accounts       those of the house who sign in, and their offices
    memberships    who acts for a partner, by their addresses
    sessions       where somebody is signed in
    sign_in_links  links by which somebody signs in
    legal_holds    what keeps a booking, a party or a case from being erased
    kept_orders    orders that wait until whoever sent them has said so
    audit          is every accepted message accounted for (invariant 4)?
    finding        what an audit finds wrong
    replay         what the timelines tell, compared with what stands in the tables (invariant 11)
    tally          how many came to what

The booking core's half is a package of its own with its own map: `relay.store.bookings`.

Functions take a `Connection` inside a transaction that the caller began, so that several can be one step. Everything that
writes while mail is taken or delivered goes through the committer.
"""
