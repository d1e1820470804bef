"""The self-test: mails with traps, sent through the gateway as people would, and a search of what comes out for what must not.

It knows nothing of how the gateway takes mail apart: what it sends and how it looks at what arrives share no code with
relay.message, so that a mistake there is not made here as well (leaks.md section 7).
"""
