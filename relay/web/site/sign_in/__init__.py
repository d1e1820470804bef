"""Signing in and out: by a link in a mail, for everybody; where somebody is signed in, and how that ends.

`entrance` is the way in and out, `house` the one of the house's own people, `places` the page of sessions, `ports` what they ask,
`ways` where somebody wanted to go, `agents` words for a browser.
"""
