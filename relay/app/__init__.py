"""The one place where implementations are chosen and handed in.

keys         the installation's own secrets
addressing   the addresses that it makes, and the ones that it connects to
places       the database, and where large octets lie
archive      the store, as the path of mail asks it
gateway      everything that runs in one process, put together from the settings
web          the HTTP side, put together
indexing     making what was accepted findable
sweeping     removing objects that nobody names
serving      running it all, until SIGTERM
workers      several processes of it
moving       an installation put on another database
occupancy    who uses a state_dir at the moment
backup       everything an embedded installation consists of, in one file
restore      such a file put in the place of its state

Each is imported by its name: commands need one of them, and not what the others load.
"""
