"""The one place where implementations are chosen and handed in. A map:

    keys         the installation's own secrets
    keyring      what our mail is signed with, and how another key takes its place
    addressing   the addresses that it makes
    publication  what DNS has to say of its domain
    transport_policy  how others are to bring mail to it (MTA-STS), for DNS and for the web
    places       the database, and where large octets lie
    archive      the store, as the path of mail asks it
    deciding     gather, decide and what they need, put together for the path of mail and for held messages
    sending      how mail goes out: by whom, how it is protected, how quickly
    paying       who takes payments and gives them back
    booking      the booking core: one lifecycle, and the desks around it
    gateway      everything that runs in one process, put together from the settings
    web          the HTTP side, put together
    figures      what Prometheus is told
    mirroring    what parts of a process count for themselves

    serving      running it all, in one process or in several
    running      one gateway at work, until SIGTERM
    listeners    its sockets, shared with its workers
    activation   sockets that were bound before: socket activation
    workers      several processes of it, replaced and relieved
    exporting    a conversation as a bundle that proves itself
    examining    the doctor: whether this installation can do its work
    surroundings  what the doctor examines around the gateway
    asking       a question to DNS, asked by a command
    operation    what the operator's pages are given
    readiness    the parts that it depends on, as /readyz asks for them
    overseer     who is told how a process fares: systemd, or the parent of a worker
    reloading    the configuration read anew, by SIGHUP
    occupancy    who uses a state_dir at the moment

    upkeep       what a process does again and again beside the path of mail:
    presence     signs of life, and taking over from whoever gives none
    indexing     making what was accepted findable
    alerting     telling the operators
    timekeeping  what the clock does to bookings
    escalating   entering into the histories of bookings what was not received
    secret_files  secrets that stand in files, each alone
    posting      writing and sending mail about bookings
    inviting     writing the mails with links for signing in
    heralding    telling other systems what happened to bookings
    forgetting   what nobody can want any more of events and answers
    tallying     writing down how sessions with other hosts were protected
    questioning  deciding what was held until a party said whether it is theirs
    answering    carrying out what was answered by mail about a booking
    sweeping     removing objects that nobody names
    recording    numbering and signing the record
    refunding    giving back what is due
    renewing     taking up a certificate whose files have changed

    backup       everything an embedded installation consists of, in one file
    restore      such a file put in the place of its state
    moving       an installation put on another database

Each is imported by its name: commands need one of them, and not what the others load.
"""
