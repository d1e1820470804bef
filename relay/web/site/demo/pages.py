"""The demonstration: who is who, one click into each role, and the mailboxes of the two who write to each other.

These pages exist in the demonstration alone: whoever reaches them may be anybody in it, and nobody in it is real. What a visitor
writes here goes to the gateway by SMTP, as from any mail program, and what it sends comes back into the mailboxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from itertools import islice
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from relay.correspondence.languages import marked
from relay.errors import Unreadable
from relay.message.mail import Mail
from relay.message.parse import parse
from relay.values import RealAddress
from relay.web.language import asked_language
from relay.web.site.demo.ports import Answered, Character, Enclosure, Letter, Person, Sandbox, SandboxMail
from relay.web.site.forms import Entered, entered
from relay.web.site.home import first_page
from relay.web.site.layout import SECURE_COOKIE, Site, Way, cookie_name
from relay.web.site.mail_frame import frame, mail_shown, plain_name
from relay.web.site.route import PageRoute
from relay.web.site.sign_in.ways import ours
from relay.web.site.words import site_words

listed_max: Final = 50
"""Mails of a list; older ones stay in the sandbox, and have no place on a page."""
latest_max: Final = 10
"""Of all mail, on the first page."""
subject_characters_max: Final = 200
text_characters_max: Final = 5_000
agent_characters_max: Final = 200
accepted_code: Final = 250

WRITERS: Final = (Character.PARTNER, Character.CUSTOMER)
"""Who has a mailbox here."""

ROLES: Final[Mapping[Character, str]] = {
    Character.PARTNER: marked("The partner: answers requests, offers other terms, sees the calendar and the team."),
    Character.CUSTOMER: marked("The customer: sees what waits for them, pays, cancels, and has vouchers."),
    Character.SUPPORT: marked(
        "Support: searches all conversations, sees what became of each message, and decides on what is held."
    ),
    Character.OPERATOR: marked("The operator: keeps it running, and releases what is overdue."),
}
ENCLOSURES: Final[Mapping[Enclosure, str]] = {
    Enclosure.NOTHING: marked("nothing"),
    Enclosure.MAP: marked("a small text file: passes"),
    Enclosure.FILM: marked("a film of 12 MB: refused, too large"),
    Enclosure.PROGRAM: marked("a program: refused, whatever it is called"),
    Enclosure.TELLING: marked("a file with your address hidden inside: held for support"),
}


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the pages tell of: the sandbox, and where the gateway takes mail."""

    sandbox: Sandbox
    smtp_host: str
    smtp_port: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail in a list."""

    mail: SandboxMail
    sender: str
    subject: str
    owner: Person | None
    """Whose mailbox it is in; None for whoever takes no part."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form, before it is sent and when something is missing."""

    to: str
    subject: str = ""
    text: str = ""
    answers: str = ""
    enclosure: str = Enclosure.NOTHING.value
    as_stranger: bool = False


@dataclass(frozen=True, slots=True)
class _Pages:
    """What the pages of the demonstration share."""

    site: Site
    demonstration: Demonstration

    @property
    def sandbox(self) -> Sandbox:
        return self.demonstration.sandbox

    def with_mailbox(self, who: str) -> tuple[Person, Person]:
        """Whose mailbox it is, and to whom they write. Raises HTTPException 404."""
        people = {one.character.value: one for one in self.sandbox.people() if one.character in WRITERS}
        if who not in people:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        [other] = [one for name, one in people.items() if name != who]
        return people[who], other

    def found(self, number: int) -> SandboxMail:
        """Raises HTTPException 404."""
        found = self.sandbox.mail(number)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return found

    def listed(self, mails: Iterable[SandboxMail]) -> list[Listed]:
        return [_listed(one, self.sandbox) for one in islice(mails, listed_max)]

    async def show(
        self, request: Request, template: str, values: Mapping[str, Any], *, here: str = "", status: HTTPStatus = HTTPStatus.OK
    ) -> Response:
        """`here`: whose mailbox it belongs to."""
        viewer = await self.site.anybody(request)
        say = site_words(viewer.language if viewer is not None else asked_language(request)).gettext
        ways = [Way("/", say("Who is who"), is_here=request.url.path == "/")]
        for one in self.sandbox.people():
            if one.character in WRITERS:
                who, label = one.character.value, say("Mailbox of {name}").format(name=one.name.partition(" ")[0])
                ways.append(Way(f"/demo/mailbox/{who}", label, is_here=here == who))
        return self.site.page(
            request,
            f"demo/{template}.html",
            viewer,
            ways=ways,
            status=status,
            demonstration=self.demonstration,
            reference=self.sandbox.reference(),
            **values,
        )

    async def box(
        self, request: Request, person: Person, other: Person, draft: Draft, wrong: Mapping[str, str] | None = None
    ) -> Response:
        mails = self.listed(one for one in self.sandbox.mails() if one.recipient == person.address)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
        values = {"person": person, "other": other, "mails": mails, **_form(draft, wrong)}
        return await self.show(request, "mailbox", values, here=person.character.value, status=status)


def router(site: Site, demonstration: Demonstration) -> APIRouter:
    """`/`, `/demo/…`"""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)
    pages = _Pages(site, demonstration)
    _who_is_who(routes, pages)
    _mailboxes(routes, pages)
    _mails(routes, pages)
    return routes


def _who_is_who(routes: APIRouter, pages: _Pages) -> None:
    sandbox = pages.sandbox

    @routes.get("/")
    async def who_is_who(request: Request) -> Response:
        people = {one.character.value: one for one in sandbox.people()}
        roles = {one.value: sentence for one, sentence in ROLES.items()}
        values = {"people": people, "roles": roles, "mails": pages.listed(sandbox.mails())[:latest_max]}
        return await pages.show(request, "who_is_who", values)

    @routes.post("/demo/as/{who}")
    async def become(request: Request, who: str) -> Response:
        character = next((one for one in Character if one.value == who), None)
        if character is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        secret = await sandbox.begin(character, request.headers.get("user-agent", "")[:agent_characters_max])
        viewer = await pages.site.visitors.viewer(secret)
        wanted = ours((await entered(request)).line("to"))
        answer = RedirectResponse(wanted or (first_page(viewer) if viewer is not None else "/"), HTTPStatus.SEE_OTHER)
        name = cookie_name(request)
        answer.set_cookie(name, secret, path="/", secure=name == SECURE_COOKIE, httponly=True, samesite="lax")
        return answer


def _mailboxes(routes: APIRouter, pages: _Pages) -> None:
    @routes.get("/demo/mailbox/{who}")
    async def mailbox(request: Request, who: str) -> Response:
        person, other = pages.with_mailbox(who)
        return await pages.box(request, person, other, Draft(other.alias))

    @routes.post("/demo/mailbox/{who}")
    async def write(request: Request, who: str) -> Response:
        person, other = pages.with_mailbox(who)
        draft = _draft(await entered(request), other)
        if wrong := dict(_wrong(draft)):
            return await pages.box(request, person, other, draft, wrong)
        letter = Letter(
            writer=person.character,
            to=draft.to,
            subject=draft.subject,
            text=draft.text,
            enclosure=Enclosure(draft.enclosure),
            as_stranger=draft.as_stranger,
            answers=draft.answers,
        )
        answered = await pages.sandbox.write(letter)
        return RedirectResponse(f"/demo/answers/{answered.number}", HTTPStatus.SEE_OTHER)

    @routes.get("/demo/answers/{number}")
    async def answer(request: Request, number: int) -> Response:
        found = pages.sandbox.answered(number)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        person, other = pages.with_mailbox(found.letter.writer.value)
        came = pages.listed(one for one in pages.sandbox.mails() if one.number > found.before)
        stands = _stands(found, came, person).value
        values = {"answered": found, "person": person, "other": other, "came": came, "stands": stands}
        return await pages.show(request, "answer", values, here=person.character.value)


def _mails(routes: APIRouter, pages: _Pages) -> None:
    @routes.get("/demo/mails/{number}")
    async def mail(request: Request, number: int, pictures: str = "") -> Response:
        found = pages.found(number)
        listed = _listed(found, pages.sandbox)
        person, other, here = listed.owner, None, ""
        if person is not None:
            here = person.character.value
            _, other = pages.with_mailbox(here)
        values = {"mail": found, "listed": listed, "shown": mail_shown(found.content), "person": person, "other": other}
        form = _form(_reply(found, other), None)
        return await pages.show(request, "mail", {**values, **form, "with_pictures": bool(pictures)}, here=here)

    @routes.get("/demo/mails/{number}/frame")
    async def mail_frame(request: Request, number: int, pictures: str = "") -> Response:
        language, found = asked_language(request), pages.found(number)
        return await frame(found.content, site_words(language).gettext, language.value, with_pictures=bool(pictures))

    @routes.get("/demo/mails/{number}/source")
    async def source(number: int) -> Response:
        headers = {"Content-Disposition": f'attachment; filename="mail-{number}.eml"'}
        return Response(pages.found(number).content, media_type="message/rfc822", headers=headers)


def _form(draft: Draft, wrong: Mapping[str, str] | None) -> dict[str, object]:
    return {"draft": draft, "wrong": wrong or {}, "enclosures": [(one.value, label) for one, label in ENCLOSURES.items()]}


def _draft(form: Entered, other: Person) -> Draft:
    return Draft(
        to=form.line("to") or other.alias,
        subject=form.line("subject"),
        text=form.text("text"),
        answers=form.line("answers"),
        enclosure=form.line("enclosure"),
        as_stranger=form.is_ticked("as_stranger"),
    )


def _wrong(draft: Draft) -> Iterator[tuple[str, str]]:
    """What cannot be sent, by field."""
    if not draft.subject:
        yield "subject", marked("Write what it is about.")
    elif len(draft.subject) > subject_characters_max:
        yield "subject", marked("That is too long.")
    if not draft.text:
        yield "text", marked("Write something.")
    elif len(draft.text) > text_characters_max:
        yield "text", marked("That is too long.")
    if draft.enclosure not in {one.value for one in Enclosure}:
        yield "enclosure", marked("Choose one of these.")
    try:
        RealAddress(draft.to)
    except ValueError:
        yield "to", marked("This is no mail address.")


def _listed(mail: SandboxMail, sandbox: Sandbox) -> Listed:
    parsed = _parsed(mail)
    author = parsed.authors[0] if parsed is not None and parsed.authors else None
    owner = next((one for one in sandbox.people() if one.character in WRITERS and one.address == mail.recipient), None)
    sender = plain_name(author.name or author.written) if author is not None else ""
    return Listed(mail, sender, plain_name(parsed.subject) if parsed is not None else "", owner)


def _reply(mail: SandboxMail, other: Person | None) -> Draft:
    """The form under a mail of the other one's: to their alias, in the same thread. Others are answered by nobody here."""
    parsed = _parsed(mail)
    if parsed is None or other is None or [one.written for one in parsed.authors] != [other.alias]:
        return Draft("")
    subject = parsed.subject if parsed.subject.lower().startswith("re:") else f"Re: {parsed.subject}"
    return Draft(
        to=other.alias,
        subject=plain_name(subject)[:subject_characters_max],
        answers=f"<{parsed.message_id}>" if parsed.message_id else "",
    )


def _parsed(mail: SandboxMail) -> Mail | None:
    try:
        return parse(mail.content)
    except Unreadable:
        return None


class Outcome(Enum):
    """How a letter stands, as far as the mailboxes tell."""

    REFUSED_AT_ONCE = "refused at once"
    UNDER_WAY = "under way"
    ARRIVED = "arrived"
    NOTICE = "notice"


def _stands(answered: Answered, came: Sequence[Listed], writer: Person) -> Outcome:
    if answered.code != accepted_code:
        return Outcome.REFUSED_AT_ONCE
    owners = {one.owner.character for one in came if one.owner is not None}
    if owners - {writer.character}:
        return Outcome.ARRIVED
    return Outcome.NOTICE if owners else Outcome.UNDER_WAY
