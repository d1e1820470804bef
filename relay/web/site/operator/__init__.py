"""Pages of operators: how the gateway fares, the queue, reservations, who may use the API, settings. No content of mails.

A map:

    words       the words of closed sets
    ground      what all pages share: the way about them, whose they are
    overview    everything in one look, the doctor, alerts
    queue_parts  what the parts of the queue's page share
    queue       what is under way or held, and stepping in
    dead_letters  what failed for good
    destinations  where mail goes, and what is suspended
    profiles    which variants may be reserved
    releases    the release screen: what is released, kept, blocked, reminded
    ticks       what was ticked on it
    traffic     how much was taken, refused, handed on
    partners    their profile, their payment account, whether they are active
    tokens      who may use the API
    webhooks    where events go
    accounts    who of the house may sign in
    settings    the configuration, with where it comes from
    assembly    all of them
"""
