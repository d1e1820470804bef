"""The fields of a header and what they tell: leaks.md section 1, LEAK-1 to LEAK-7."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import dedent
from typing import Final

from relay.selftest.traps.letters import MARKER, filled, letter, word
from relay.selftest.traps.trap import Fate, Scene, Trap

_FROM: Final = {
    "name that is the address": '"$address" <$address>',
    "name that is the second address": "$second <$address>",
    "full name": "$name <$address>",
    "last name first with the company": '"$last, $first ($company)" <$address>',
    "comment with the full name": "$address ($name)",
    "comment with the company behind": "$first <$address> ($company, $second)",
    "quoted local part": '"$local"@$domain',
    "obsolete white space": "$first < $local @ $domain >",
    "capitals": "$capitals",
    "no name": "<$address>",
    "route": "$name <@relay.$domain:$address>",
    "unquoted comma": "$last, $first <$address>",
    "brackets in brackets": "$name <$name <$address>>",
}
"""From as programs and people write it (LEAK-1)."""

_NAMED_IN: Final = {
    "where answers go": "Reply-To Return-Path Errors-To Mail-Followup-To Mail-Reply-To Apparently-To",
    "who sends": "X-Sender X-Original-From X-Original-Sender X-Envelope-From X-Envelope-Sender X-Authenticated-Sender "
    "X-Authenticated-User X-Sender-ID X-Source-Sender X-Gm-Original-From X-Google-Original-From X-Real-From Original-From "
    "X-AuthUser X-Get-Message-Sender-Via Jabber-ID",
    "receipts": "Disposition-Notification-To Return-Receipt-To X-Confirm-Reading-To Read-Receipt-To X-Receipt-To "
    "Generate-Delivery-Report Registered-Mail-Reply-Requested-By",
    "resent": "Resent-From Resent-Sender Resent-To Resent-Cc Resent-Bcc Resent-Reply-To",
    "who received": "Delivered-To X-Delivered-To X-Original-To Envelope-To X-Envelope-To Original-Recipient X-Forwarded-To "
    "X-Forwarded-For X-Apparently-To",
    "complaints": "X-Complaints-To X-Report-Abuse-To Abuse-Reports-To",
}
"""Fields that name a mailbox of the writer (LEAK-3)."""

_TOLD_IN: Final = {
    "trace": """
        Received: from [192.168.1.7] ($host [$ip]) by smtp.$domain (Postfix) with ESMTPSA id 77 for <$address>; $canary
        X-Received: by 2002:a05:6000:1 with SMTP id x1mr; for <$address>; Mon, 01 Jun 2026 03:00:00 -0700 (PDT)
        X-Originating-IP: [$ip]
        X-Originating-Email: [$address]
        X-Source-IP: $ip
        X-Sender-IP: $ip
        X-ClientProxiedBy: $host (2603:10a6:20b::1)
        X-Barracuda-Connect: $host[$ip]
        Injection-Info: $host; posting-host="$ip"; mail-complaints-to="$address"
        X-Authentication-Warning: $host: $local owned process doing -bs
        X-AntiAbuse: Primary Hostname - $host
        Mime-Autoconverted: from 8bit to base64 by $host $canary
        X-PHP-Originating-Script: 1000:$canary.php
        """,
    "programs": """
        User-Agent: Mozilla Thunderbird $canary
        X-Mailer: Outlook of $company $canary
        X-MimeOLE: Produced By $canary
        """,
    "Microsoft": """
        X-MS-Exchange-CrossTenant-UserPrincipalName: $base64
        X-MS-Exchange-CrossTenant-id: $canary
        X-MS-Exchange-Organization-AuthAs: $canary
        X-MS-TNEF-Correlator: <$canary@$domain>
        X-MS-Has-Attach: $canary
        X-MSMail-Priority: $canary
        X-Forwarded-Encrypted: i=1; $canary
        """,
    "Google": """
        X-Google-DKIM-Signature: v=1; d=1e100.net; $canary
        X-Gm-Message-State: $canary
        X-Google-Smtp-Source: $canary
        """,
    "Yahoo and Apple": """
        X-Yahoo-Newman-Property: $address
        X-YMail-OSG: $canary
        X-Apple-Base-Url: x-msg://$canary
        X-Apple-Auto-Saved: $canary
        X-Universally-Unique-Identifier: $canary
        X-Uniform-Type-Identifier: com.apple.mail-draft $canary
        """,
    "spam marks": """
        X-Spam-Status: No, score=-1 tests=$canary for $address
        X-Spam-Report: content $address $canary
        X-Proofpoint-GUID: $canary
        X-Mimecast-Originator: $domain
        X-Cloudmark-Analysis: $canary
        X-Provags-ID: V03:K1:$canary
        X-UI-Sender-Class: $canary
        """,
    "signatures": """
        DKIM-Signature: v=1; a=rsa-sha256; d=$domain; s=$canary; i=$address; h=from:to; bh=x; b=y
        DomainKey-Signature: a=rsa-sha1; d=$domain; s=$canary; b=x
        ARC-Seal: i=1; a=rsa-sha256; d=$domain; s=$canary; b=x
        ARC-Authentication-Results: i=1; mx.$domain; dkim=pass header.i=@$domain; $canary
        ARC-Message-Signature: i=1; d=$domain; b=$canary
        Authentication-Results: mx.$domain; auth=pass smtp.auth=$address; $canary
        Received-SPF: pass ($domain: domain of $address designates $ip) $canary
        """,
    "lists": """
        List-Unsubscribe: <mailto:leave-$returning@lists.$domain>
        List-Post: <mailto:$canary@lists.$domain>
        List-Id: $canary <list.$domain>
        Archived-At: <https://$domain/$canary>
        Feedback-ID: $returning:$canary
        Precedence: bulk; $canary
        """,
    "people": """
        Organization: $company $canary
        Organisation: $company $canary
        Comments: Sent by $name, $canary
        Keywords: $last, $canary
        Face: $canary
        X-Face: $canary
        BIMI-Selector: v=BIMI1; s=$canary
        BIMI-Location: https://$domain/$canary.svg
        Autocrypt: addr=$address; prefer-encrypt=mutual; keydata=$base64
        Autocrypt-Gossip: addr=$second; keydata=$base64
        OpenPGP: id=$canary; url=https://$domain/key.asc
        """,
    "content": """
        Content-Location: https://www.$domain/$canary.html
        Content-Base: https://www.$domain/$canary/
        Content-Description: Letter of $name, $canary
        Content-ID: <$canary@$host>
        """,
    "values of fields that pass": """
        Importance: high; $canary
        Priority: urgent $address
        X-Priority: 1 ($canary)
        Content-Language: de-AT, $canary
        """,
    "fields that nobody knows": """
        X-Priority-Of-Sender: $canary
        X-Importance: $canary by $address
        Sensitivity: $canary
        X-Auto-Response-Suppress: OOF, $canary
        Thread-Information: $canary
        X-Nobody-Thought-Of-This: $address $canary
        Subject-Of-Nothing: $canary
        Accept-Language: $canary
        Expires: $canary
        """,
    "automatic": """
        Auto-Submitted: auto-replied; owner-email="$address"
        """,
}
"""Fields in which software tells who or where the writer is, or says what nobody asked for (LEAK-4)."""

_THREADS: Final = {
    "Message-ID with the host": "Message-ID: <$canary@$host>",
    "Message-ID that is the address": "Message-ID: <$address>",
    "Message-ID in brackets": "Message-ID: <[$canary@$domain]>",
    "In-Reply-To as a phrase": 'In-Reply-To: Your message of "Mon, 01 Jun 2026 12:00:00 +0200" to $address <$canary@$domain>',
    "In-Reply-To of the writer's own": "In-Reply-To: <$canary@$domain>",
    "References with the domain": "References: <1.$canary@$domain>\n <2.$canary@$host> <3@$their_domain>",
    "References with an address as a phrase": "References: $address <$canary@$domain>",
    "Thread-Index": "Thread-Index: AQHb$base64",
    "Thread-Topic": "Thread-Topic: $name, $address, $canary",
}
_DATES: Final = {
    "zone with its name": "Mon, 01 Jun 2026 15:45:00 +0545 ($canary)",
    "holds text": "today, from $address $canary",
    "holds text behind": "Mon, 01 Jun 2026 12:00:00 +0200 $address",
    "far away": "Mon, 01 Jun 9999 12:00:00 +1400 $canary",
}
_RECIPIENTS: Final = {
    "third party in To": "To: $their_alias, Nora Lindgren <$stranger>",
    "third party in Cc": "Cc: Nora Lindgren <$stranger>, $canary <$stranger>",
    "own second mailbox in Cc": "Cc: $name <$second>",
    "own address in To": "To: $their_alias, $address",
    "the reader's real address as name": 'To: "$their_address" <$their_alias>',
    "the reader's name and address in a comment": "To: $their_alias ($their_name, $their_address)",
    "the reader's real address beside the alias": "Cc: $their_name <$their_address>",
    "leftover Bcc": "Bcc: $second, $stranger",
    "group": "To: friends of $canary: $their_alias, $second;",
}


def _with(row: str, name: str, about: str, *fields: str, fate: Fate = Fate.DELIVERED) -> Trap:
    """A trap with fields of its own in a letter that is harmless otherwise."""

    def build(scene: Scene) -> bytes:
        return letter(scene, "See you there.", *(filled(scene, one) for one in fields))

    return Trap(f"{row} {name}", row, about, build, fate, () if fate is Fate.REFUSED else (MARKER, "See you there."))


def _from() -> Iterator[Trap]:
    for name, value in _FROM.items():
        yield _with("LEAK-1", name, f"From with: {name}.", f"From: {value}")

    def in_words(encode: Callable[[Scene], str]) -> Callable[[Scene], bytes]:
        return lambda scene: letter(scene, "", f"From: {encode(scene)} <{scene.writer.address}>")

    for name, encode in {
        "encoded word": lambda scene: word(scene.writer.name),
        "encoded words split": lambda scene: f"{word(scene.writer.name[:4])} {word(scene.writer.name[4:])}",
        "encoded words mixed": lambda scene: (
            f"{word(scene.writer.address[:6], 'iso-8859-1', 'q')}\n {word(scene.writer.address[6:], 'utf-16-be', 'B')}"
        ),
        "encoded word in quotes": lambda scene: f'"{word(scene.writer.address, encoding="Q")}"',
        "encoded line feed": lambda scene: word(f"{scene.writer.first_name}\r\nX-Injected: 1"),
    }.items():
        yield Trap(f"LEAK-1 {name}", "LEAK-1", f"The display name of From is an {name}.", in_words(encode), keeps=(MARKER,))


def _two_authors() -> Iterator[Trap]:
    about = "Nobody can tell who wrote this."
    yield _with("LEAK-2", "two mailboxes", about, "From: $address, $second", fate=Fate.REFUSED)
    yield _with("LEAK-2", "two From fields", about, "From: $address", "From: $second", fate=Fate.REFUSED)
    yield _with("LEAK-2", "Sender", "Somebody sends for the writer.", "Sender: $name <$second>")


def _all() -> Iterator[Trap]:
    yield from _from()
    yield from _two_authors()
    for name, fields in _NAMED_IN.items():
        about = f"Fields name a mailbox of the writer: {name}."
        yield _with("LEAK-3", name, about, *(f"{one}: $name $canary <$second>" for one in fields.split()))
    for name, lines in _TOLD_IN.items():
        yield _with("LEAK-4", name, f"Fields tell about the writer: {name}.", *dedent(lines).strip().split("\n"))
    for name, field in _THREADS.items():
        yield _with("LEAK-5", name, f"The thread is told by: {name}.", field)
    for name, value in _DATES.items():
        yield _with("LEAK-6", name, f"The date: {name}.", f"Date: {value}")
    for name, field in _RECIPIENTS.items():
        yield _with("LEAK-7", name, f"Recipients: {name}.", field)


HEADER: Final[tuple[Trap, ...]] = tuple(_all())
