"""A message as received, parsed: the tree of its parts, and the fields that the gateway goes by."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from relay.errors import Unreadable
from relay.message.account import Account
from relay.message.containers.opening import opened
from relay.message.entities import head_alone, taken_apart
from relay.message.mail import Entity, Field, Mail, Mailbox
from relay.message.mailboxes import mailboxes, mailboxes_max
from relay.message.msg_ids import msg_ids
from relay.message.words import decoded_value


def parse(content: bytes) -> Mail:
    """The message in `content`, read as mail programs read it, its containers opened, with everything wrong in `defects`.

    Line ends may be CRLF, LF or CR. Raises Unreadable when there is nothing in it, or when it exceeds a bound of the parser
    (GW-30, FAULT-55, FAULT-60). The time is linear in the length.
    """
    if not content or content.isspace():
        raise Unreadable("there is nothing in this message")
    account = Account.of(len(content))
    root = opened(taken_apart(content, account), account)
    return message_in(root, tuple(str(defect) for defect in account.defects))


def parsed_head(content: bytes) -> Mail:
    """The message in `content` as far as its header tells, without any body: when it cannot be read whole, this still says who
    wrote it and what they called it (GW-30). Bounded like a header; never raises Unreadable."""
    return message_in(head_alone(content))


def message_in(root: Entity, defects: tuple[str, ...] = ()) -> Mail:
    """The message that an entity is: the whole one, or the only part of an attached message, without parsing it again."""
    ids = msg_ids(root.named("Message-ID")[:1])
    in_reply_to = msg_ids(root.named("In-Reply-To"))
    references = msg_ids(root.named("References"))
    subject = root.first("Subject")
    return Mail(
        root=root,
        subject=decoded_value(subject.value) if subject is not None else "",
        author_fields=len(root.named("From")),
        authors=_mailboxes(root.named("From")),
        to=_mailboxes(root.named("To")),
        cc=_mailboxes(root.named("Cc")),
        message_id=ids[0] if ids else None,
        in_reply_to=in_reply_to,
        references=(*references, *(id_ for id_ in in_reply_to if id_ not in references)),
        defects=defects,
    )


def _mailboxes(fields: Sequence[Field]) -> tuple[Mailbox, ...]:
    """The mailboxes of all those fields together."""
    return tuple(islice((mailbox for one in fields for mailbox in mailboxes(one.value)), mailboxes_max))
