"""The mail that we write ourselves."""
