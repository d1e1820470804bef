"""Why a delivery failed, told from what a remote server said about it (GW-51).

The words of remote servers are read here and go no further: what comes out is one of six causes. Server and operator have
stretched every status code, so a clear phrase counts for more than the code beside it, and the enhanced code (RFC 3463) for
more than the basic one (RFC 5321 §4.2).
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final


class BounceCause(Enum):
    """The causes that a writer is told. The values are those of `transit.delivery.Cause`, which this layer cannot see."""

    MAILBOX_FULL = "mailbox_full"
    SERVER_UNREACHABLE = "server_unreachable"
    TOO_LARGE = "too_large"
    ADDRESS_WRONG = "address_wrong"
    BLOCKED = "blocked"
    OTHER = "other"


spoken_characters_max: Final = 8_000
"""Of what a server said; longer answers are cut."""

_SOMEBODY: Final = r"(?:user(?:id|name)?|recipients?|mail ?(?:box|drop)|account|address(?:ee)?)"
_WHICH: Final = r"(?: final delivery| local| virtual| smtp| to| destination)*"

_PHRASES: Final[tuple[tuple[BounceCause, tuple[str, ...]], ...]] = (
    (
        BounceCause.MAILBOX_FULL,
        (
            r"(?<!relay )(?<!sending )(?<!rate )quota",
            r"(?:mail ?box|mail ?folder|inbox|account|mailstore)(?: (?:for|of) \S{1,80})? (?:is |was |has become )*full",
            r"(?:mail ?box|inbox|storage|disk)(?: is| space)* (?:full|exceeded)",
            r"full mailbox",
            r"mailbox \S{0,80} ?is full",
            r"(?:mail ?box|storage|disk space)(?: size)? (?:limit )?(?:has been )?exceed",
            r"exceed(?:s|ed|ing)?\b.{0,30}(?:storage|mailbox|disk)",
            r"(?:not enough|insufficient|no)(?: \w+){0,2} (?:storage|disk|space)",
            r"out of (?:storage|space|disk)",
            r"space not enough",
            r"too much mail stored|too many (?:messages|mails) (?:on|in)",
            r"espacio en casilla",
        ),
    ),
    (
        BounceCause.TOO_LARGE,
        (
            r"message size exceeds",
            r"message (?:is )?too (?:large|big|long)",
            r"(?:message|mail|data|email) size (?:limit|exceed)",
            r"max(?:imum)? (?:message|mail|email) size",
            r"exceed(?:s|ed|ing)? (?:the |its |our )?(?:maximum |fixed |allowed )*(?:message |mail |inbound message )?size",
            r"size limit",
            r"larger than (?:the )?(?:current |maximum |allowed )?(?:system )?(?:limit|size|maximum|\d+)",
            r"too much mail data",
            r"length of your message",
        ),
    ),
    (
        BounceCause.BLOCKED,
        (
            r"\bspam",
            r"black ?list",
            r"block ?list",
            r"\b[dr]nsbl\b|\brbl\b",
            r"spamhaus|spamcop|barracuda|sorbs|senderbase|cloudmark|mailspike",
            r"\bblocked\b",
            r"\bbanned\b",
            r"reputation",
            r"unsolicited",
            r"junk mail",
            r"(?:content|message|mail) (?:was |has been |is )?(?:rejected|refused|denied) (?:for|due to|by) (?:policy|content)",
            r"(?:policy|security) (?:reasons?|violation|rejection)",
            r"(?:violat|against)\w{0,9} (?:of )?(?:our |local |site |the )?(?:\w+ )?polic",
            r"\bdmarc\b|\bdkim\b|\bspf\b|sender policy framework",
            r"unauthenticated|authentication (?:required|checks?|level)",
            r"virus (?:was |has been )?(?:found|detected|in)|(?:contain|found|detect)\w{0,9} (?:a |the )?virus",
            r"malware|infected|phish",
            r"not accept(?:ing)? (?:e-?)?mail from (?:you|this|your)",
            r"(?:sender|client host|client|ip|host)(?: address)? (?:\S{1,80} )?(?:is )?(?:rejected|refused|denied)",
            r"reverse (?:dns|hostname|lookup)|\bptr\b",
            r"relay(?:ing)? (?:access )?(?:denied|not permitted|not allowed|is prohibited)|unable to relay|not a relay",
            r"(?:attachment|file type).{0,40}(?:not allowed|not accepted|prohibited|rejected|blocked)",
            r"(?:greylist|whitelist)",
            r"sender (?:is )?not (?:authori[sz]ed|allowed)|not (?:authori[sz]ed|permitted|allowed) to (?:send|post)",
            r"not accept(?:ing|ed)? (?:e-?)?(?:mail|messages?) with (?:attachments|embedded)",
            r"(?:host|network|client|server|ip)(?: \w+)? not allowed|requires confirmation|polic(?:y|ies) -",
            r"permission to post|not have permission|only accepts? (?:mail|messages) from",
        ),
    ),
    (
        BounceCause.ADDRESS_WRONG,
        (
            rf"{_SOMEBODY}(?: name)? (?:is |was )?(?:unknown|not known|invalid|not valid|not found|not recogni[sz]ed|not listed)",
            rf"{_SOMEBODY}(?: name)? (?:is |was )?(?:inactive|disabled|not active|suspended|no longer|unavailable to take)",
            rf"{_SOMEBODY}(?: name)? (?:does ?n[o']t exist|does not|not exist)",
            rf"(?:unknown|invalid|no such|bad|non-?existent|no valid|illegal){_WHICH} (?:{_SOMEBODY}|person|domain|host)",
            rf"(?:inactive|undeliverable|not a valid|unknown|invalid){_WHICH} (?:{_SOMEBODY}|alias|rcpt|destination)",
            r"no mail ?box (?:here|by|with|available)",
            r"not an? (?:known|active|valid|registered|local) (?:user|address|mailbox|account|recipient)",
            r"mailbox is frozen|nosuchuser|final email delivery point",
            r"no (?:such )?(?:user|mailbox|recipient)s?\b",
            r"no one (?:here )?(?:by|with)",
            r"does ?n[o']t have an? \S{1,80} account|does not have an account",
            r"(?:does|do|did) ?n[o']t (?:seem to )?exist|not exist",
            r"(?:account|mailbox|address|user|recipient)\b.{0,60}(?:disabled|discontinued|deactivated|closed|expired|deleted)",
            r"(?:account|mailbox|address|user|recipient)\b.{0,60}(?:cancell?ed|inactive|no longer)",
            r"not listed in (?:domino|the|public)",
            r"recipient(?:'s)? (?:email )?(?:address|name) (?:is )?(?:not recogni|possibly incorrect|rejected)",
            r"recipient address (?:rejected|has been disabled)",
            r"could ?n[o']t be found|was ?n.?t found|not found (?:at|in|on)",
            r"(?:user|mailbox|address|recipient)\b.{0,40}\bnot (?:be )?found",
            r"(?:host|domain)(?: name)? (?:unknown|not found|does not exist)|host or domain name not found|name service error",
            r"unroute?able|unrouteable|no route to (?:address|recipient)|can'?t route",
            r"(?:dns error|dns|nx)?:? ?domain name not found|nxdomain|nullmx|null mx",
            r"could ?n[o']t find (?:any|a|the) (?:host|domain|mail)|no mx (?:record|for)|no matches to nameserver",
            r"mailbox unavailable|mailbox not (?:available|local|found)|unavailable or not local",
            r"address (?:is )?(?:wrong|incorrect|misspelled|invalid)|email address is wrong",
            r"expirado por falta de uso|usuario desconocido|no existe|inconnu|unbekannt|nie istnieje|non esiste|sconosciuto",
            r"access denied.{0,20}as\(201806281\)",
        ),
    ),
    (
        BounceCause.SERVER_UNREACHABLE,
        (
            r"connection (?:timed out|timeout|refused|reset|was dropped|dropped|lost|failed|closed)",
            r"connect(?:ion)? to \S{1,100} (?:failed|timed out|refused)",
            r"(?:could not|couldn't|unable to|wasn't able to|cannot|can't) (?:connect|establish|contact|reach)",
            r"no (?:route to host|answer from|response from)|did not respond|not responding|unreachable|not reachable",
            r"timed? ?out|timeout",
            r"retry time ?(?:out)? ?(?:exceeded|not reached)|too long|expired|undeliverable for",
            r"cannot send message for|delivery failed \d+ attempts|exceeded maximum delivery attempts",
            r"lost connection|broken pipe|server (?:is )?(?:down|not available|unavailable|busy)|host is down|network is",
            r"service (?:not |temporarily )?(?:available|unavailable)",
            r"delivery (?:time ?out|delayed)",
        ),
    ),
)
"""In the order in which they count: `mailbox full` beside `user unknown` is a full mailbox."""
_FOUND: Final = tuple((cause, re.compile("|".join(phrases))) for cause, phrases in _PHRASES)

_BY_STATUS: Final[dict[str, BounceCause]] = {
    "1.0": BounceCause.ADDRESS_WRONG,
    "1.1": BounceCause.ADDRESS_WRONG,
    "1.2": BounceCause.ADDRESS_WRONG,
    "1.3": BounceCause.ADDRESS_WRONG,
    "1.4": BounceCause.ADDRESS_WRONG,
    "1.6": BounceCause.ADDRESS_WRONG,
    "1.7": BounceCause.BLOCKED,
    "1.8": BounceCause.BLOCKED,
    "1.9": BounceCause.OTHER,
    "1.10": BounceCause.ADDRESS_WRONG,
    "2.1": BounceCause.ADDRESS_WRONG,
    "2.2": BounceCause.MAILBOX_FULL,
    "2.3": BounceCause.TOO_LARGE,
    "3.1": BounceCause.MAILBOX_FULL,
    "3.2": BounceCause.SERVER_UNREACHABLE,
    "3.4": BounceCause.TOO_LARGE,
    "4.0": BounceCause.SERVER_UNREACHABLE,
    "4.1": BounceCause.SERVER_UNREACHABLE,
    "4.2": BounceCause.SERVER_UNREACHABLE,
    "4.3": BounceCause.SERVER_UNREACHABLE,
    "4.4": BounceCause.SERVER_UNREACHABLE,
    "4.5": BounceCause.SERVER_UNREACHABLE,
    "4.7": BounceCause.SERVER_UNREACHABLE,
}
"""By subject and detail (RFC 3463 §3). Subject 7 is BLOCKED as a whole; what is not here says nothing that helps."""
_SECURITY: Final = "7."

_STRETCHED: Final[dict[str, BounceCause]] = {
    "5.4.1": BounceCause.ADDRESS_WRONG,
    "5.5.0": BounceCause.ADDRESS_WRONG,
    "4.2.1": BounceCause.OTHER,
}
"""What Exchange Online and Outlook.com say of recipients that do not exist, and Gmail of one that gets too much mail an hour."""

_BY_CODE: Final[dict[str, BounceCause]] = {
    "421": BounceCause.SERVER_UNREACHABLE,
    "450": BounceCause.SERVER_UNREACHABLE,
    "451": BounceCause.SERVER_UNREACHABLE,
    "452": BounceCause.MAILBOX_FULL,
    "551": BounceCause.ADDRESS_WRONG,
    "552": BounceCause.TOO_LARGE,
    "553": BounceCause.ADDRESS_WRONG,
}
"""What is left when a server gave nothing but a basic code. 550 and 554 are used for everything."""

_REFUSED: Final = re.compile(r"\b(?:rejected|refused|denied)\b|not (?:allowed|permitted|accepted)")
"""Says little: it counts only where no code says more."""

# Digits and dots around it make it a version or an IP address.
_STATUS: Final = re.compile(r"(?<![\d.])([245]\.[0-7]\.\d{1,3})(?!\.?\d)")
_CODE: Final = re.compile(r"(?<![\d.])([45][0-5]\d)(?=[ #:-])")
_ADDRESSES_AND_LINKS: Final = re.compile(r"<[^<>\s]{1,320}>|https?://\S{1,2000}|\S{1,64}@\S{1,255}")
"""Names in there would be taken for words: `no-spam@…`."""


def status_in(text: str) -> str | None:
    """The first enhanced status code that stands in `text`, such as "5.1.1"."""
    found = _STATUS.search(text[:spoken_characters_max])
    return found[1] if found else None


def cause_of(status: str | None, spoken: str) -> BounceCause:
    """The cause behind what a server said (`spoken`, in any case and folding) and the enhanced status code beside it."""
    flat = " ".join(spoken[:spoken_characters_max].split()).lower().replace("\u2019", "'")
    words = _ADDRESSES_AND_LINKS.sub(" _ ", flat)
    for cause, phrases in _FOUND:
        if phrases.search(words):
            return cause
    for one in (status, status_in(flat)):
        if one is not None and (cause := _by_status(one)) is not BounceCause.OTHER:
            return cause
    if _REFUSED.search(words):
        return BounceCause.BLOCKED
    code = _CODE.search(flat)
    return _BY_CODE.get(code[1], BounceCause.OTHER) if code else BounceCause.OTHER


def has_code(line: str) -> bool:
    """Whether `line` looks like a server's reply: a basic or an enhanced code stands in it."""
    return bool(_CODE.search(line[:spoken_characters_max]) or _STATUS.search(line[:spoken_characters_max]))


def _by_status(status: str) -> BounceCause:
    if status in _STRETCHED:
        return _STRETCHED[status]
    detail = status.partition(".")[2]
    return BounceCause.BLOCKED if detail.startswith(_SECURITY) else _BY_STATUS.get(detail, BounceCause.OTHER)
