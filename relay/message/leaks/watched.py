"""What must not be in there about one party, and which domains are a party's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

PUBLIC_BRANDS: Final = frozenset(
    """
    aol aim bigpond blueyonder bluewin btinternet comcast fastmail freenet gmail gmx googlemail hotmail icloud inbox
    interia laposte libero live mac mail mailbox me msn netscape o2 onet orange outlook passport poczta posteo proton
    protonmail qq rambler rediffmail rocketmail seznam sfr sky t-online tele2 telenet terra tiscali tlen tuta tutanota
    verizon videotron virgilio virginmedia wanadoo web windowslive wp yahoo yandex ymail zoho
    """.split()
)
"""Mailbox providers that go by one name under many endings (yahoo.com, yahoo.co.uk)."""

PUBLIC_DOMAINS: Final = frozenset(
    """
    126.com 163.com 163.net 1und1.de 21cn.com a1.net abv.bg alice.it amorki.pl aon.at arcor.de att.net bbox.fr bellsouth.net bk.ru
    bol.com.br centrum.cz chello.at chello.nl club-internet.fr cox.net daum.net duck.com earthlink.net email.com email.cz
    email.it eircom.net email.de fastmail.fm foxmail.com free.fr gazeta.pl go2.pl googlemail.com gmial.com hanmail.net
    hey.com hispeed.ch home.nl hush.com hushmail.com iinet.net.au ig.com.br ya.ru juno.com kabelmail.de kpnmail.nl
    kakao.com kolumbus.fi list.ru mail.com magenta.de mailfence.com mynet.com naver.com neostrada.pl neuf.fr ntlworld.com
    numericable.fr op.pl optonline.net optusnet.com.au planet.nl pm.me post.cz poczta.fm post.pl quicknet.nl rogers.com
    runbox.com sapo.pt sbcglobal.net shaw.ca sina.com sina.cn sohu.com spoko.pl startmail.com swissonline.ch sympatico.ca
    talktalk.net telefonica.net telus.net tin.it ukr.net uol.com.br upcmail.nl vip.qq.com
    vodafone.de vodafone.it volny.cz vp.pl walla.co.il
    wanadoo.fr windstream.net xs4all.nl xtra.co.nz yeah.net ziggo.nl zonnet.nl
    """.split()
)

GENERIC_LABELS: Final = frozenset("email info mail mx office post smtp webmail www".split())
"""Labels before a domain that say nothing: who writes from mail.alpenhof.at owns alpenhof.at."""

ORDINARY_WORDS: Final = frozenset(
    """
    able about after again all also and any are ask bald bill black can chance come day dear early even ever faith farmer few
    first friend gay get give glad god gold grace green hall have hello hope joy just keep kind kiss know last late law light
    love low luck lunch main major make many mason miller minor moody more most much must name next nice now one only or over
    pace pain paul peace penny please power price proud pure quick ready right sage same save see self sharp she short small
    some soon stern sweet take tell than thank that them then this time today told too two under very warm way weiss well were
    what when will wise with would year yes you
    activity adventure adventures agence agencia agency agentur agenzia alpine alps amor amour apartment apartments
    april august baker bar baron bauer beach bella bello berg best bianco bike bikes bishop blanc blanco boat boats
    bon bonne booking bookings braun brown buono bus business cab cafe camp camping campo car cars casa center centre
    centro centrum chalet city club co company cook cooper costa cruise cruises culture cycling day days der desk die
    discovery dive diving dobry driver events excursion excursions experience experiences explore express farm feliz
    ferien field fisher food ford fort frau fuchs garden gardens gmbh good grand grande green gros gross group gruppe
    guerra guest guesthouse guia guide guided guides gut gute hand haus hermosa herr hill holiday holidays home hostel
    hotel hotels house hunter il inc info island jardin jour june jung kaiser king kitchen klein koch konig krol kurz
    la lake land lang las le les limited lis little live llc local lodge long lord los ltd luna mai maison man mar
    march marina mark market may meister mer monte mountain mountains museum music nature nero neu new night noble
    noir north nowy of office old onlus page paris park partner party pension petit petite piekny place plage play
    plaza plus porter prado premium presse price private reise reiseleitung reisen rental rentals resort restaurant
    rice rich richter rios river road roi rome room rooms rose rosso roth rouge royal rue sa safari sail sailing santa
    santo sarl schneider school schwarz sea service services short show sierra sightseeing ski small sol sole sommer
    south spa sport sports spzoo srl stadt staff star stay stays stein stone strand street studio summer sun support
    surf swift tasting taxi team the ticket tickets tour touren touring tourism tourismus tourist tours town transfer
    transfers travel travels trek trekking trip trips true turismo turystyka urlaub vacation vacations van verde vert
    via viaggi viajes villa vino visit vista voyage voyages walk walker walking walks water weber weekend weiss white
    wild wilk wine wines winter wise wish wolf wood woods world wycieczki yacht yoga young zielony zimmer
    """.split()
)
"""Words of ordinary prose, without accents, that are somebody's last name or company too. One of them alone reveals nobody,
and the surgery leaves prose as it is (LEAK-22, LEAK-31), so alone they are not watched for; within a longer phrase they are."""

word_characters_min: Final = 3
"""A shorter last name stands in every text by chance."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What must not be in there about one party (LEAK section 0), as plain strings in any case.

    `hosts` are host names and IP addresses from the Received fields and the HELO of the message as received. Nothing here
    prints: the values are what nobody may learn.
    """

    addresses: tuple[str, ...] = field(repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)
    own_domains: tuple[str, ...] = field(default=(), repr=False)
    hosts: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, addresses: Iterable[str], words: Iterable[str] = (), hosts: Iterable[str] = ()) -> Watched:
        """A party with these addresses; the domains that are its own follow from them."""
        known = tuple(dict.fromkeys(addresses))
        domains = (own_domain(address) for address in known)
        return cls(known, tuple(words), tuple(dict.fromkeys(one for one in domains if one is not None)), tuple(hosts))


def own_domain(address: str) -> str | None:
    """The domain that is the party's own; None for a public provider's (leaks.md: gmail.com is an ordinary word)."""
    labels = address.lower().rpartition("@")[2].strip(" .>").split(".")
    while len(labels) > 2 and labels[0] in GENERIC_LABELS:
        labels = labels[1:]
    domain = ".".join(labels)
    if len(labels) == 1 or is_public(domain):
        return None
    return domain


def is_public(domain: str) -> bool:
    """Whether many people have their mailbox under this domain."""
    name, _, ending = domain.partition(".")
    return domain in PUBLIC_DOMAINS or (name in PUBLIC_BRANDS and all(len(label) <= 3 for label in ending.split(".")))
