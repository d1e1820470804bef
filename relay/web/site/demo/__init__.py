"""The demonstration: who is who, and their mailboxes."""
