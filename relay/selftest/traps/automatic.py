"""Mail that machines write about mail, and in people's names: leaks.md section 6, LEAK-80 to LEAK-83."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal

from relay.selftest.traps.letters import MARKER, crlf, filled, letter, mail, multipart, part
from relay.selftest.traps.mime import inner
from relay.selftest.traps.trap import Fate, Scene, Trap

_DAEMON: Final = "From: Mail Delivery System <MAILER-DAEMON@$domain>"
_STATUS: Final = (
    "Reporting-MTA: dns; $host\nArrival-Date: Mon, 01 Jun 2026 12:00:00 +0200\n\nFinal-Recipient: rfc822; $address\n"
    "Original-Recipient: rfc822; $second\nAction: ACTION\nStatus: STATUS\nRemote-MTA: dns; mx.$domain\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <$address>: Recipient address rejected\n"
)
_BOUNCES: Final = {
    "Postfix": "This is the mail system at host $host.\n\n<$address>: host mx.$domain[$ip] said: 550 5.1.1 User unknown\n",
    "Exchange": "Delivery has failed to these recipients or groups:\n\n$name<mailto:$address>\nYour message wasn't delivered.\n\n"
    "Diagnostic information for administrators:\nGenerating server: $host\n$address\n#< #5.1.1 smtp;550 5.1.1 RESOLVER> #SMTP#\n",
    "Gmail": "** Address not found **\n\nYour message wasn't delivered to $address because the address couldn't be found.\n",
    "qmail": "Hi. This is the qmail-send program at $host.\nI'm afraid I wasn't able to deliver your message.\n\n<$address>:\n"
    "No mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <$their_address>\n",
    "Exim": "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
    "delivered to one or more of its recipients:\n\n  $address\n    host mx.$domain [$ip]: 550 unknown user\n\n"
    "------ This is a copy of the message ------\n\nFrom: $name <$address>\n",
}
_ROBOTS: Final = {
    "vacation": ("Auto-Submitted: auto-replied", "Subject: Out of office"),
    "ticket robot": ("Auto-Submitted: auto-generated", "Subject: [Ticket#2026060112] we have your mail", "X-Mailer: $canary"),
    "Exchange vacation": ("X-Auto-Response-Suppress: All", "Auto-Submitted: auto-generated", "Subject: Automatic reply: Tour"),
    "precedence": ("Precedence: auto_reply", "X-Autoreply: yes", "Subject: Abwesenheitsnotiz"),
    "challenge": ("Auto-Submitted: auto-replied", "Subject: Please confirm", "Reply-To: confirm-$canary@$domain"),
    "not marked": ("Subject: Away from my mail",),
}


def _report(kind: str, *parts: tuple[str, str], action: str = "failed", status: str = "5.1.1") -> Callable[[Scene], bytes]:
    def build(scene: Scene) -> bytes:
        built = [part(filled(scene, text.replace("ACTION", action).replace("STATUS", status)), kind) for kind, text in parts]
        daemon = filled(scene, _DAEMON)
        return multipart(
            scene, *built, subtype="report", parameters=f"; report-type={kind}", fields=(daemon, "Subject: Undelivered")
        )

    return build


def _bounces() -> Iterator[Trap]:
    returned = "From: $name <$address>\nTo: $their_address\nSubject: Fine\nX-Mailer: $canary\n"
    for name, text in _BOUNCES.items():
        for sender in ("null", "writer"):
            yield _absorbed(f"{name} to the alias from {sender}", _of_program(name, text), sender)
    report = (("text/plain", "$address is unknown.\n"), ("message/delivery-status", _STATUS))
    with_headers = _report("delivery-status", *report, ("text/rfc822-headers", returned))
    with_message = _report("delivery-status", *report, ("message/rfc822", f"{returned}\n$marker $address\n"))
    delayed = _report("delivery-status", *report, action="delayed", status="4.4.1")
    yield _absorbed("report with returned headers", with_headers)
    yield _absorbed("report with the returned message", with_message)
    yield _absorbed("report that says it takes longer", delayed)


def _of_program(name: str, text: str) -> Callable[[Scene], bytes]:
    def build(scene: Scene) -> bytes:
        subject = {"Exchange": "Undeliverable: Meeting point", "qmail": "failure notice"}.get(
            name, "Undelivered Mail Returned to Sender"
        )
        fields = (filled(scene, _DAEMON), f"Subject: {subject}", "Auto-Submitted: auto-replied")
        failed = f"X-Failed-Recipients: {scene.writer.address}"
        return mail(scene, filled(scene, text), *fields, *((failed,) if name in {"Gmail", "Exim"} else ()))

    return build


def _absorbed(name: str, build: Callable[[Scene], bytes], sender: str = "null") -> Trap:
    """Never relayed: its writer is nobody whom the conversation knows, so that it is refused in the session."""
    path: Literal["null", "writer"] = "null" if sender == "null" else "writer"
    return Trap(f"LEAK-80 {name}", "LEAK-80", f"A bounce: {name}.", build, Fate.REFUSED, sender=path)


def _from_the_writer(build: Callable[[Scene], bytes]) -> Callable[[Scene], bytes]:
    """The same with the writer's own address as the author, as their server may write it."""
    return lambda scene: build(scene).replace(
        filled(scene, _DAEMON).encode(), f"From: {scene.writer.name} <{scene.writer.address}>".encode()
    )


def _about_mail() -> Iterator[Trap]:
    receipt = "Reporting-UA: $host; Thunderbird $canary\nFinal-Recipient: rfc822; $address\nOriginal-Message-ID: <1@x.example>\n"
    receipt += "Disposition: manual-action/MDN-sent-manually; displayed\n"
    read = _report(
        "disposition-notification",
        ("text/plain", "$name has read your mail.\n"),
        ("message/disposition-notification", receipt),
    )
    complaint = "Feedback-Type: abuse\nUser-Agent: $canary\nVersion: 1\nOriginal-Mail-From: <$their_address>\nSource-IP: $ip\n"
    abuse = _report(
        "feedback-report",
        ("text/plain", "This is a complaint of $address.\n"),
        ("message/feedback-report", complaint),
        ("message/rfc822", "From: $their_address\nTo: $address\nSubject: a\n\n$address\n"),
    )
    bounce = _report("delivery-status", ("text/plain", "$address\n"), ("message/delivery-status", _STATUS))
    for row, name, about, build in (
        ("LEAK-80", "report in the writer's name", "A bounce from a mailbox that is known.", bounce),
        ("LEAK-81", "read receipt", "The writer's program says that the mail was read.", read),
        ("LEAK-83", "abuse report", "The writer called the mail spam.", abuse),
    ):
        yield Trap(f"{row} {name}", row, about, _from_the_writer(build), Fate.ABSORBED)
        if row != "LEAK-80":
            yield Trap(f"{row} {name} from nobody", row, about, _from_the_writer(build), Fate.ABSORBED, sender="null")

    def receipt_in_words(scene: Scene) -> bytes:
        text = "Your message\n\nTo: $name <$address>\nSubject: Meeting point\n\nwas read on Monday.\n"
        return letter(scene, filled(scene, text), "Subject: Read: Meeting point")

    yield Trap("LEAK-81 receipt in words", "LEAK-81", "A receipt that is a mail.", receipt_in_words, keeps=(MARKER,))


def _robots() -> Iterator[Trap]:
    for name, fields in _ROBOTS.items():

        def build(scene: Scene, fields: tuple[str, ...] = fields) -> bytes:
            text = "I am away until Monday. Write to $second, or $stranger.\n$name\n$address\n\n> To: $their_address"
            return letter(scene, filled(scene, text), *(filled(scene, one) for one in fields))

        for sender in ("writer", "null"):
            path: Literal["null", "writer"] = "null" if sender == "null" else "writer"
            about = f"A machine answers in the writer's name: {name}."
            yield Trap(f"LEAK-82 {name} from {sender}", "LEAK-82", about, build, keeps=(MARKER, "I am away"), sender=path)

    def with_original(scene: Scene) -> bytes:
        original = part(crlf("") + inner(scene), "message/rfc822")
        return multipart(scene, part(f"{MARKER}\n"), original, fields=("Auto-Submitted: auto-replied", "Subject: Re: Tour"))

    yield Trap("LEAK-82 with the original", "LEAK-82", "A robot attaches what it answers.", with_original, keeps=(MARKER,))


AUTOMATIC: Final[tuple[Trap, ...]] = (*_bounces(), *_about_mail(), *_robots())
