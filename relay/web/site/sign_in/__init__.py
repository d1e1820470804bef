"""Signing in and out: by a link in a mail, for everybody; where somebody is signed in, and how that ends.

`entrance` is the way in and out, `places` the page of sessions, `ports` what both ask, `ways` where somebody wanted to go,
`agents` words for a browser.
"""
