"""What proves that the record is whole: one tree of leaves for everything that happens, with signed heads.

`tree` hashes and proves (RFC 9162), `leaf` says what of an event is hashed, `head` is what is signed. All of it is pure.
"""
