"""Content that MIME does not see: CMS, TNEF, Outlook messages, uuencoded files; each with a small bounded reader of its own.

`opening` makes parts of the message of what the others find.
"""
