"""What the search box understands, as its help says it: every operator in its group, with an example (AR-2)."""

from __future__ import annotations

from typing import Final

from relay.correspondence.languages import marked as _

GROUPS: Final[tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = (
    (
        _("Words"),
        (
            ("refund voucher", _("both words, in what was written anew")),
            ('"meeting point"', _("these words in a row")),
            ("refund*", _("words that begin so")),
            ("-weather", _("not that")),
            ("refund OR voucher", _("one of the two")),
            ("(refund OR money) guide", _("what stands between parentheses is one")),
        ),
    ),
    (
        _("Who"),
        (
            ("by:customer", _("who wrote: customer or provider")),
            ("from:Marco", _("a name in From, To or Cc; or customer, provider")),
            ("to:provider", _("for whom it was; or an alias")),
            ("alias:customer-12ab3456cd78", _("written to that alias")),
            ("party:01HV7", _("by the party of that id")),
            ("real:anna@mail.example", _("in conversations of that very address; for seniors, and kept in the audit")),
        ),
    ),
    (
        _("Where"),
        (
            ("subject:refund", _("in the subject")),
            ("new:refund", _("in what was written anew")),
            ("quoted:refund", _("in what was quoted")),
            ("body:refund", _("in either of the two")),
            ("filename:voucher", _("in names of files")),
        ),
    ),
    (
        _("Booking"),
        (
            ("booking:GYG4K7Q2X9ABC", _("of that booking; separators do not count")),
            ("conv:01HV7", _("of the conversation of that id")),
            ("product:old-town", _("of that offer, by its id")),
            ("provider:alpine", _("of that provider, by its id")),
            ("state:confirmed", _("the booking stands so now")),
            ("activity:2026-05-01..2026-05-31", _("the activity ends on one of these days")),
        ),
    ),
    (
        _("Time"),
        (
            ("date:2026-05-01..2026-05-07", _("received on one of these days; also date:2026-05")),
            ("on:yesterday", _("today, yesterday, this-week, last-week, this-month, last-month")),
            ("after:2026-05-01", _("from then on")),
            ("before:2026-05-01", _("until then")),
            ("older:30d", _("longer ago than that: h, d, w, m or y")),
            ("newer:2w", _("less long ago than that")),
            ("sort:old", _("the oldest first; sort:new is usual")),
        ),
    ),
    (
        _("Kind"),
        (
            ("has:attachment", _("attachment, image or link")),
            ("type:pdf", _("files whose names end so; also image, word, excel")),
            ("larger:5MB", _("of more than that")),
            ("smaller:10KB", _("of less than that")),
            ("lang:pl", _("the language in which its writer gets our mail")),
        ),
    ),
    (
        _("Fate"),
        (
            ("fate:refused", _("passed, refused, held, duplicate, taken, absorbed, unclaimed")),
            ("event:delayed,bounced", _("delivered, delayed, failed, bounced or blocked")),
            ("reason:too-large", _("multi-recipient, too-large, virus, expired, unknown-sender and more")),
            ("code:550", _("the receiver's server answered so")),
            ("hid:phone", _("that was taken out of it: address, phone, name, link, image, iban")),
            ("auth:dmarc=fail", _("what was checked of its writer; also spf=fail, dkim=none")),
        ),
    ),
    (
        _("Case"),
        (
            ("case:12", _("of the booking of that case")),
            ("is:open", _("there is a case: open, decided, closed or disputed")),
            ("assigned:me", _("whose case it is")),
            ("label:no-show", _("of cases with that label")),
            ("hold:yes", _("held in front of a person")),
        ),
    ),
    (
        _("Exactly"),
        (
            ("mid:<abc@mail.example>", _("the Message-ID, the writer's or ours")),
            ("sha256:9f86d081…", _("the message as received, or as one recipient got it")),
        ),
    ),
)
