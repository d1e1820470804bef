"""The public pages: what is offered, and the form that asks for it or reserves it."""
