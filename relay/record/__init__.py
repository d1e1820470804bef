"""What proves that the record is whole: one log of leaves for everything that happens, hashed as a tree, with signed heads.

`tree` hashes and proves (RFC 9162), `leaf` says what of an event is hashed, `head` is what is signed. All of it is pure.
"""
