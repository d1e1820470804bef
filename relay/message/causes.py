"""Why a delivery failed, told from what a remote server said about it, in a session or in a bounce (GW-51).

The words of remote servers are read here and go no further: what comes out is one of six causes. Server and operator have
stretched every status code, so a clear phrase counts for more than the code beside it, and the enhanced code (RFC 3463) for
more than the basic one (RFC 5321 §4.2).
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final


class Cause(Enum):
    """Why a delivery failed, in the words that its writer is told (GW-51)."""

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

_PHRASES: Final[tuple[tuple[Cause, tuple[str, ...]], ...]] = (
    (
        Cause.MAILBOX_FULL,
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
            r"espacio en casilla|bu[zs][oó]n (?:de correo )?(?:est[aá] )?(?:lleno|excedid)|cuota (?:de \S{1,20} )?excedida",
            r"(?:postfach|mailbox) (?:ist |des empfängers )*(?:voll|überfüllt)|speicherplatz",
            r"bo[iî]te (?:aux lettres|de réception|mail)? ?(?:est )?pleine",
            r"casella (?:di posta )?piena|skrzynk\w{1,4} \w{0,12} ?przepełnion",
        ),
    ),
    (
        Cause.TOO_LARGE,
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
            r"nachricht (?:ist )?zu gro(?:ß|ss)|message (?:est )?trop (?:gros|volumineux)|mensaje (?:es )?demasiado grande",
            r"messaggio (?:è )?troppo grande|wiadomość (?:jest )?(?:zbyt|za) duża",
        ),
    ),
    (
        Cause.BLOCKED,
        (
            r"\bspam",
            r"(?:relay|sending) quota|rate (?:limit|quota)",
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
        Cause.ADDRESS_WRONG,
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
            r"n'existe pas|existiert nicht|nicht gefunden|nieznany|no se (?:ha )?encontr|ungültig|nieprawidłow|inesistente",
            r"(?:user|recipient)(?: user)? name .{0,120}not unique|not a valid user",
            r"access denied.{0,20}as\(201806281\)",
        ),
    ),
    (
        Cause.SERVER_UNREACHABLE,
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

_BY_STATUS: Final[dict[str, Cause]] = {
    # Codes as whole: what Exchange Online and Outlook.com say of recipients that do not exist, and Gmail of one that gets too
    # much mail an hour.
    "5.4.1": Cause.ADDRESS_WRONG,
    "5.5.0": Cause.ADDRESS_WRONG,
    "4.2.1": Cause.OTHER,
    # Then subject and detail of either class (RFC 3463 §3).
    "1.0": Cause.ADDRESS_WRONG,
    "1.1": Cause.ADDRESS_WRONG,
    "1.2": Cause.ADDRESS_WRONG,
    "1.3": Cause.ADDRESS_WRONG,
    "1.4": Cause.ADDRESS_WRONG,
    "1.6": Cause.ADDRESS_WRONG,
    "1.7": Cause.BLOCKED,
    "1.8": Cause.BLOCKED,
    "1.10": Cause.ADDRESS_WRONG,
    "2.1": Cause.ADDRESS_WRONG,
    "2.2": Cause.MAILBOX_FULL,
    "2.3": Cause.TOO_LARGE,
    "3.1": Cause.MAILBOX_FULL,
    "3.2": Cause.SERVER_UNREACHABLE,
    "3.4": Cause.TOO_LARGE,
    "4.6": Cause.OTHER,  # a loop
    # Then the subject alone.
    "4": Cause.SERVER_UNREACHABLE,
    "5": Cause.OTHER,
    "6": Cause.OTHER,
    "7": Cause.BLOCKED,
}
"""What an enhanced status code says, the more exact entry first. What is not here says nothing."""

_BY_CODE: Final[dict[str, Cause]] = {
    "421": Cause.SERVER_UNREACHABLE,
    "450": Cause.SERVER_UNREACHABLE,
    "451": Cause.SERVER_UNREACHABLE,
    "452": Cause.MAILBOX_FULL,
    "551": Cause.ADDRESS_WRONG,
    "552": Cause.TOO_LARGE,
    "553": Cause.ADDRESS_WRONG,
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


def cause_in_words(spoken: str) -> Cause | None:
    """The cause that a clear phrase in `spoken` names, in any case and folding; None when there is none."""
    words = _ADDRESSES_AND_LINKS.sub(" _ ", _flat(spoken))
    return next((cause for cause, phrases in _FOUND if phrases.search(words)), None)


def cause_by_status(status: str) -> Cause | None:
    """The cause that an enhanced status code such as "5.1.1" names; OTHER for one that names something else; None for nothing."""
    _, _, detail = status.partition(".")
    return next((_BY_STATUS[key] for key in (status, detail, detail.partition(".")[0]) if key in _BY_STATUS), None)


def cause_of(status: str | None, spoken: str) -> Cause:
    """The cause behind what a server said (`spoken`) and the enhanced status code beside it."""
    if (named := cause_in_words(spoken)) is not None:
        return named
    flat = _flat(spoken)
    for one in (status, status_in(flat)):
        cause = cause_by_status(one) if one is not None else None
        if cause is not None and cause is not Cause.OTHER:
            return cause
    if _REFUSED.search(_ADDRESSES_AND_LINKS.sub(" _ ", flat)):
        return Cause.BLOCKED
    code = _CODE.search(flat)
    return _BY_CODE.get(code[1], Cause.OTHER) if code else Cause.OTHER


def has_code(line: str) -> bool:
    """Whether `line` looks like a server's reply: a basic or an enhanced code stands in it."""
    return bool(_CODE.search(line[:spoken_characters_max]) or _STATUS.search(line[:spoken_characters_max]))


def _flat(spoken: str) -> str:
    """In lower case, on one line, with plain apostrophes."""
    return " ".join(spoken[:spoken_characters_max].split()).lower().replace("\u2019", "'")
