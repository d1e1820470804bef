"""How somebody signs in, by a link to their address or as somebody of the house, and where they are signed in."""
