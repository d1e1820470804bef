"""Words that point to nobody: the domains of public mail providers, and everyday words in names of businesses."""

from __future__ import annotations

from typing import Final

PUBLIC_MAIL_DOMAINS: Final = frozenset(
    """
    gmail.com googlemail.com
    outlook.com outlook.fr outlook.de outlook.es outlook.it outlook.pt outlook.co.uk outlook.be outlook.jp outlook.cz outlook.dk
    outlook.com.br outlook.com.ar outlook.com.au outlook.ie outlook.at outlook.hu outlook.in outlook.kr outlook.sa outlook.sk
    hotmail.com hotmail.fr hotmail.de hotmail.es hotmail.it hotmail.co.uk hotmail.be hotmail.nl hotmail.se hotmail.no hotmail.dk
    hotmail.fi hotmail.ca hotmail.com.br hotmail.com.ar hotmail.co.jp hotmail.gr hotmail.hu hotmail.cz
    live.com live.fr live.de live.it live.co.uk live.nl live.be live.se live.no live.dk live.ca live.com.au live.com.mx live.jp
    live.com.pt live.cn live.ie live.at msn.com windowslive.com passport.com
    yahoo.com yahoo.fr yahoo.de yahoo.es yahoo.it yahoo.co.uk yahoo.ca yahoo.com.br yahoo.com.ar yahoo.com.mx yahoo.com.au
    yahoo.co.in yahoo.in yahoo.co.jp yahoo.com.tr yahoo.com.tw yahoo.com.hk yahoo.com.sg yahoo.com.ph yahoo.com.vn yahoo.co.id
    yahoo.gr yahoo.ro yahoo.pl yahoo.se yahoo.no yahoo.dk yahoo.ie yahoo.at yahoo.pt yahoo.nl ymail.com rocketmail.com
    icloud.com me.com mac.com aol.com aol.de aol.fr aol.co.uk aim.com verizon.net att.net sbcglobal.net bellsouth.net
    comcast.net xfinity.com cox.net charter.net earthlink.net optonline.net roadrunner.com rr.com frontier.com juno.com
    rogers.com shaw.ca sympatico.ca telus.net videotron.ca bell.net
    gmx.com gmx.net gmx.de gmx.at gmx.ch gmx.us gmx.fr gmx.es gmx.co.uk web.de mail.com email.com usa.com t-online.de
    freenet.de arcor.de online.de vodafone.de posteo.de posteo.net mailbox.org 1und1.de magenta.de kabelmail.de
    proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.io tuta.com tutamail.com keemail.me
    fastmail.com fastmail.fm hey.com hushmail.com zoho.com zohomail.com zohomail.eu runbox.com disroot.org riseup.net
    mailfence.com startmail.com duck.com simplelogin.com inbox.com lycos.com
    orange.fr wanadoo.fr free.fr sfr.fr neuf.fr laposte.net bbox.fr numericable.fr club-internet.fr aliceadsl.fr voila.fr
    cegetel.net 9online.fr skynet.be telenet.be proximus.be scarlet.be pandora.be voo.be
    libero.it virgilio.it alice.it tim.it tin.it tiscali.it fastwebnet.it inwind.it iol.it email.it pec.it aruba.it poste.it
    telefonica.net terra.es ono.com movistar.es ya.com sapo.pt mail.telepac.pt netcabo.pt clix.pt iol.pt
    wp.pl o2.pl onet.pl onet.eu op.pl vp.pl poczta.onet.pl interia.pl interia.eu poczta.fm gazeta.pl tlen.pl go2.pl autograf.pl
    buziaczek.pl
    seznam.cz email.cz post.cz centrum.cz atlas.cz volny.cz azet.sk centrum.sk zoznam.sk post.sk
    freemail.hu citromail.hu t-online.hu indamail.hu abv.bg mail.bg dir.bg gbg.bg
    mail.ru inbox.ru list.ru bk.ru internet.ru yandex.ru yandex.com ya.ru rambler.ru lenta.ru ukr.net i.ua meta.ua bigmir.net
    tut.by mail.ee hot.ee inbox.lv one.lt
    ziggo.nl kpnmail.nl kpnplanet.nl planet.nl home.nl xs4all.nl hetnet.nl upcmail.nl chello.nl casema.nl quicknet.nl
    telfort.nl online.nl solcon.nl zonnet.nl
    bluewin.ch sunrise.ch hispeed.ch swissonline.ch aon.at chello.at a1.net
    btinternet.com virginmedia.com sky.com talktalk.net ntlworld.com blueyonder.co.uk tiscali.co.uk plusnet.com eircom.net
    telia.com comhem.se bredband.net spray.se online.no broadpark.no getmail.no mail.dk stofanet.dk tdcadsl.dk jubii.dk
    luukku.com kolumbus.fi elisanet.fi suomi24.fi pp.inet.fi saunalahti.fi
    otenet.gr forthnet.gr hol.gr in.gr ttmail.com mynet.com
    uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com r7.com oi.com.br zipmail.com.br
    qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn 21cn.com aliyun.com vip.qq.com
    vip.163.com tom.com
    naver.com hanmail.net daum.net kakao.com nate.com
    docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp au.com nifty.com biglobe.ne.jp ocn.ne.jp so-net.ne.jp
    rediffmail.com bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au xtra.co.nz
    walla.co.il walla.com netvision.net.il 012.net.il bezeqint.net hinet.net pchome.com.tw
    """.split()
)
"""Well-known providers at whose domain anybody can have a mailbox. A provider that is missing here is taken for the
party's own domain, which masks too much rather than too little."""

SERVICE_LABELS: Final = frozenset("email info mail mx newsletter office post smtp webmail www".split())
"""Labels in front of a domain that name a service, not its owner."""

COMMON_WORDS: Final = frozenset(
    """
    adventure adventures agency agence agencia agenzia apartment apartments bar bike bikes boat boats booking bookings bus cafe
    car cars center centre centro centrum city club co company cruise cruises culture day der desk die discovery excursion
    excursions experience experiences express garden gardens gmbh grand group guide guided guides guia hostel hotel hotels house
    il inc info la las le les los llc ltd museum mountain music new nature night of office old onlus park paris plus premium
    private
    reisen rental rentals resort restaurant river rome royal safari sa sarl school sea service services show sightseeing spa spzoo
    srl staff stay stays stadt studio sun support team the ticket tickets tour touren tourism tours tourist town transfer
    transfers travel travels trip trips turismo turystyka vacation vacations viaggi viajes villa voyage voyages walk walking walks
    water wine world
    """.split()
)
"""Everyday words, which say something about somebody only beside the rest of the name."""
