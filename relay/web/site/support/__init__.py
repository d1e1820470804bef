"""What support sees: search, conversations as each side saw them, cases, and stepping in."""
