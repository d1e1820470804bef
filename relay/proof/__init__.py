"""Who wrote it: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 9989), as checks that ask and never look anything up themselves.

Nothing here knows of aliases or conversations: what a proof is good for is policy.
"""
