"""The replies of our sessions, whatever a message says.

The texts are constants: they name neither party, host nor software, and a stranger learns nothing from comparing them.
"""

from __future__ import annotations

from typing import Final

from relay.policy.reply import Reply

# What goes well.
CLOSING: Final = Reply(221, "2.0.0", "Closing connection")
DONE: Final = Reply(250, "2.0.0", "Done")
HELP: Final = Reply(214, "2.0.0", "See RFC 5321")
VRFY: Final = Reply(252, "2.0.0", "Send some mail, and we shall try")
SENDER_TAKEN: Final = Reply(250, "2.1.0", "Sender accepted")
RECIPIENT_TAKEN: Final = Reply(250, "2.1.5", "Recipient accepted")
ACCEPTED: Final = Reply(250, "2.6.0", "Accepted")
START_TLS: Final = Reply(220, "2.0.0", "Ready to start TLS")
GO_AHEAD: Final = Reply(354, "", "End data with <CR><LF>.<CR><LF>")

# The session is over.
TOO_MANY_CONNECTIONS: Final = Reply(421, "4.3.2", "Too many connections, try again later")
GOING_DOWN: Final = Reply(421, "4.3.2", "Service is restarting, try again in a moment")
TOO_SLOW: Final = Reply(421, "4.4.2", "Timeout")
TOO_MANY_ERRORS: Final = Reply(421, "4.7.0", "Too many errors")
SHUT_OUT: Final = Reply(421, "4.7.0", "Too many unknown recipients, try again later")
TOO_MANY_COMMANDS: Final = Reply(421, "4.7.0", "Too many commands, connect again")
LOST_STEP: Final = Reply(421, "4.3.0", "Local trouble, try again later")
NOT_SMTP: Final = Reply(502, "5.7.0", "This is a mail server")
TLS_INJECTED: Final = Reply(501, "5.5.1", "Nothing may follow STARTTLS before the handshake")

# Later.
TROUBLE: Final = Reply(451, "4.3.0", "Local trouble, try again later")
UNANSWERED: Final = Reply(451, "4.4.3", "DNS does not answer, try again later")
TOO_MANY_REFUSED: Final = Reply(450, "4.7.1", "Too much mail that was refused, try again later")
TOO_MANY_TO_HOUSE: Final = Reply(450, "4.7.1", "Too much mail to this address, try again later")
NO_ROOM: Final = Reply(452, "4.3.1", "Too much mail under way, try again later")
OTHER_KIND: Final = Reply(452, "4.5.3", "Send to this recipient separately")
TOO_MANY_RECIPIENTS: Final = Reply(452, "4.5.3", "Too many recipients, send the rest separately")

# Commands that we do not take.
UNKNOWN_COMMAND: Final = Reply(500, "5.5.2", "Command not recognized")
COMMAND_TOO_LONG: Final = Reply(500, "5.5.2", "Command line too long")
CONTROL_CHARACTERS: Final = Reply(501, "5.5.2", "Command holds characters that it must not")
NOT_OFFERED: Final = Reply(502, "5.5.1", "Command not offered")
ARGUMENT_NEEDED: Final = Reply(501, "5.5.4", "Host name needed")
NO_ARGUMENT_TAKEN: Final = Reply(501, "5.5.4", "Command takes no argument")
HELLO_FIRST: Final = Reply(503, "5.5.1", "Send EHLO first")
MAIL_FIRST: Final = Reply(503, "5.5.1", "Send MAIL first")
RECIPIENT_FIRST: Final = Reply(503, "5.5.1", "No valid recipients")
NESTED_MAIL: Final = Reply(503, "5.5.1", "A transaction is under way already")
TLS_ALREADY: Final = Reply(503, "5.5.1", "TLS is active already")

# Paths and parameters.
MAIL_SYNTAX: Final = Reply(501, "5.5.4", "Syntax: MAIL FROM:<address>")
RCPT_SYNTAX: Final = Reply(501, "5.5.4", "Syntax: RCPT TO:<address>")
BAD_SENDER: Final = Reply(501, "5.1.7", "Sender address is malformed")
BAD_RECIPIENT: Final = Reply(501, "5.1.3", "Recipient address is malformed")
BAD_PARAMETER: Final = Reply(501, "5.5.4", "Parameter is malformed, repeated, or has a value that is not offered")
UNKNOWN_PARAMETER: Final = Reply(555, "5.5.4", "Parameter not recognized")
NEEDS_SMTPUTF8: Final = Reply(553, "5.6.7", "Address needs SMTPUTF8")
RELAY_DENIED: Final = Reply(550, "5.7.1", "Relaying denied")
UNKNOWN_ALIAS: Final = Reply(550, "5.1.1", "No such address here")
UNREAD: Final = Reply(550, "5.7.1", "Nobody reads mail here; write to the address in your booking")
RETURN_PATH_REFUSED: Final = Reply(550, "5.7.1", "Return path not accepted")

# Content.
TOO_LARGE: Final = Reply(552, "5.3.4", "Message too large")
NUL_INSIDE: Final = Reply(550, "5.6.0", "Message holds NUL octets")
SMUGGLING: Final = Reply(550, "5.5.2", "A dot alone on a line that does not end in <CR><LF>")
