"""The desk: what people ask for from outside (HTTP, command line), answered from the store.

Here the ports of `relay.web` meet `relay.store`. What touches the queue is also what `relay queue` does, so both do the same.
"""
