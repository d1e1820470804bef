"""What DNS has to say about this installation: the records that belong into zone files, and whether they stand there.

Examinations ask DNS (`relay.lookup`) and come to findings; nobody here does I/O.
"""
