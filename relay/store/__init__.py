"""Everything that is kept: conversations, messages, deliveries, the timeline. SQLite by default, PostgreSQL to grow.

A map, from the ground up:

    engine         opening a database; reading and writing transactions; trouble becomes `Unavailable`
    schema         migrations: bringing a database to the present schema, and asking whether it is
    tables         what stands where, with its bounds
    rows           inserting many rows at little cost; text and times as columns hold them
    committer      group commit: one thread writes, one commit for whatever waits (invariant 3)
    store          the asynchronous face of all this, for the edges

    conversations  finding a conversation by alias or reference
    steps          opening, confirming, closing, extending, reopening one
    blobs          octets, compressed
    objects        where large octets are kept when it is not the database
    s3             such a place: S3-compatible storage
    orphans        objects that no row names, and their removal
    packing        one accepted message as rows, made outside the transaction
    accepting      one accepted message with all that it causes; resent messages; threads
    outbox         deliveries: claiming, recording what an attempt came to
    house_mail     mail to the house itself, and the bounces in it
    occasions      what a notice about a delivery has to say
    tracked        a delivery as operators see it
    queue          the operators' view of deliveries: list, hold, release, retry, drop
    timeline       what happened in a conversation: append-only, hash-chained (invariant 11)
    archive        one message with everything about it; tracing an id
    folding        words as the search index holds them, whatever their accents and case
    query          the language of the search box
    search         the full-text index: filling and asking it
    highlight      where a hit stands in what people wrote
    moving         everything copied into another database
    tokens         who may use the HTTP API
    audit          is every accepted message accounted for (invariant 4)?
    replay         what the timelines tell, compared with what stands in the tables (invariant 11)
    tally          how many came to what

Functions take a `Connection` inside a transaction that the caller began, so that several can be one step. Everything that
writes while mail is taken or delivered goes through the committer.
"""
