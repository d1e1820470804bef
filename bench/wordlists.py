"""Words of eleven languages for the generator of messages: the commonest first, as people write about a booking.

What stands here is the head of each list. Behind it comes a long tail that is made of its syllables, because half of the distinct
words of real mail are seen once or twice; how often each is drawn follows the rank (Zipf, Mandelbrot).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

tail: Final = 42_000
"""Rare words of each language."""
_OFFSET: Final = 2.7
_EXPONENT: Final = 1.05

HEADS: Final[dict[str, str]] = {
    "en": "the to and you we is at for of in a it please be have are that with will on can your this our if thank not from"
    " there what time or how but was where when would do day just hello tour which me need more here so all booking guide"
    " people no about us my only they than them tomorrow by meeting point one two an dear let know could bring today any"
    " want take before after morning out ticket tickets thanks station hotel bus train refund voucher money cancel price"
    " weather rain boat group late wait waiting minutes hour hours driver pick pickup drop child children seat seats"
    " included lunch dinner vegetarian allergy wheelchair museum entrance phone number call email address payment paid"
    " card invoice receipt complaint manager problem sorry unfortunately possible confirm confirmed change changed arrive"
    " arrived leave left never nobody came found find street square church bridge harbour harbor river castle mountain"
    " beach walk walking shoes water towel umbrella jacket cold warm sun evening night afternoon week month year monday"
    " tuesday wednesday thursday friday saturday sunday english speaking language camera photo photos map luggage bag"
    " bags passport wallet lost insurance doctor flight airport gate terminal delayed delay early parking car road"
    " traffic",
    "de": "die der und ich sie wir das ist in zu den nicht es mit bitte ein für auf haben an wie wo im sind um werden dass eine"
    " auch uhr noch oder kann aber bei von so was wird am uns nach dem vielen dank wenn hallo guten tag morgen treffpunkt"
    " führung ihr ihre mir können danke liebe grüße freundlichen buchung gruppe personen kinder kind stornieren"
    " erstattung rückerstattung geld gutschein rechnung quittung bezahlt zahlung preis karte karten eintritt bahnhof"
    " hotel bus zug flughafen flug verspätung verspätet minuten stunde stunden warten gewartet niemand gekommen leider"
    " schade regen wetter boot schiff hafen straße platz kirche brücke fluss schloss berg strand schuhe wasser handtuch"
    " jacke kalt warm abend nachmittag mittag mittagessen vegetarisch allergie rollstuhl museum telefon nummer anrufen"
    " adresse problem beschwerde entschuldigung möglich bestätigen bestätigt ändern termin datum woche monat jahr montag"
    " dienstag mittwoch donnerstag freitag samstag sonntag englisch deutsch sprache fotos stadtplan gepäck koffer"
    " reisepass verloren versicherung arzt parkplatz auto abholung fahrer sitz kindersitz zwei drei vier fünf zwölf größe"
    " gäste",
    "fr": "de le la les et à vous nous je est pour en un une que pas des du au il dans merci sur avec ne votre notre ce qui"
    " plus si mais ou bonjour sont on être avons avez bien par cette tout peut fait où heures quand comment rendez visite"
    " guide demain matin soir réservation groupe personnes enfants enfant annuler annulation remboursement argent bon"
    " facture reçu payé paiement prix billet billets entrée gare hôtel bus train aéroport vol retard minutes heure"
    " attendre attendu personne venu malheureusement dommage pluie météo bateau port rue place église pont fleuve château"
    " montagne plage chaussures eau serviette veste froid chaud après midi déjeuner dîner végétarien allergie fauteuil"
    " roulant musée téléphone numéro appeler adresse problème réclamation désolé possible confirmer confirmé changer date"
    " semaine mois année lundi mardi mercredi jeudi vendredi samedi dimanche anglais français langue photos plan bagages"
    " valise passeport perdu assurance médecin parking voiture chauffeur siège deux trois quatre cinq œuvre cordialement"
    " bientôt à très sœur cœur été forêt tôt même déjà",
    "es": "de la que el en y a los por un para con no una su se es lo del las al más como pero le ya o me si hola gracias nos"
    " está son hay muy cuando donde sobre también desde todo nosotros usted mañana hora punto encuentro guía reserva"
    " grupo personas niños niño cancelar cancelación reembolso dinero vale factura recibo pagado pago precio entrada"
    " entradas billete estación hotel autobús tren aeropuerto vuelo retraso minutos horas esperar esperando nadie vino"
    " lamentablemente lástima lluvia tiempo barco puerto calle plaza iglesia puente río castillo montaña playa zapatos"
    " agua toalla chaqueta frío calor tarde noche mediodía almuerzo cena vegetariano alergia silla ruedas museo teléfono"
    " número llamar dirección problema queja siento posible confirmar confirmado cambiar fecha semana mes año lunes"
    " martes miércoles jueves viernes sábado domingo inglés español idioma fotos mapa equipaje maleta pasaporte perdido"
    " seguro médico aparcamiento coche conductor asiento dos tres cuatro cinco saludos buenos días señor",
    "pl": "w na i z nie się do to jest że o jak za dla po od czy co proszę dziękuję przy ale gdzie kiedy my są już tak mamy"
    " będzie jutro dzień dobry spotkanie miejsce zbiórki przewodnik rezerwacja rezerwację rezerwacji grupa osób osoby"
    " dzieci dziecko anulować zwrot pieniądze pieniędzy bon faktura paragon zapłacone płatność cena bilet bilety wejście"
    " dworzec hotel autobus pociąg lotnisko lot opóźnienie minut godzina godziny czekać czekamy nikt przyszedł niestety"
    " szkoda deszcz pogoda łódź statek port ulica plac kościół most rzeka zamek góry plaża buty woda ręcznik kurtka zimno"
    " ciepło wieczór rano południe obiad kolacja wegetariański alergia wózek muzeum telefon numer zadzwonić adres problem"
    " skarga przepraszam możliwe potwierdzić potwierdzone zmienić data tydzień miesiąc rok poniedziałek wtorek środa"
    " czwartek piątek sobota niedziela angielski polski język zdjęcia mapa bagaż walizka paszport zgubiony ubezpieczenie"
    " lekarz parking samochód kierowca fotelik dwa trzy cztery pięć pozdrawiam święta źródło",
    "it": "di e il la che a in un per è non una sono le con si da come al del i ho mi lo ma grazie più ci della dei nel"
    " buongiorno siamo questo anche se dove quando alla noi voi vostro nostro domani ora punto incontro guida"
    " prenotazione gruppo persone bambini bambino annullare cancellazione rimborso soldi buono fattura ricevuta pagato"
    " pagamento prezzo biglietto biglietti ingresso stazione albergo hotel autobus treno aeroporto volo ritardo minuti"
    " ore aspettare aspettato nessuno venuto purtroppo peccato pioggia tempo barca porto strada piazza chiesa ponte fiume"
    " castello montagna spiaggia scarpe acqua asciugamano giacca freddo caldo sera mattina pomeriggio pranzo cena"
    " vegetariano allergia sedia rotelle museo telefono numero chiamare indirizzo problema reclamo scusi possibile"
    " confermare confermato cambiare data settimana mese anno lunedì martedì mercoledì giovedì venerdì sabato domenica"
    " inglese italiano lingua foto mappa bagaglio valigia passaporto perso assicurazione medico parcheggio macchina"
    " autista seggiolino due tre quattro cinque saluti perché così città però",
    "nl": "de het een en van ik te dat is in we je niet op zijn met voor er aan wij u om maar bij ook graag nog als naar dan"
    " wat waar hoe kunnen hebben wordt goed dank bedankt hallo beste morgen uur ontmoetingspunt gids boeking groep"
    " personen kinderen kind annuleren terugbetaling geld bon factuur betaald betaling prijs kaartje kaartjes ingang"
    " station hotel bus trein vliegveld vlucht vertraging minuten wachten niemand gekomen helaas jammer regen weer boot"
    " haven straat plein kerk brug rivier kasteel berg strand schoenen water handdoek jas koud warm avond middag lunch"
    " diner vegetarisch allergie rolstoel museum telefoon nummer bellen adres probleem klacht sorry mogelijk bevestigen"
    " veranderen datum week maand jaar maandag dinsdag woensdag donderdag vrijdag zaterdag",
    "cs": "a se v na je že to s z do o i si ve jak za by pro tak ale jsme jsou od po která který děkuji prosím dobrý den kde"
    " kdy zítra hodin místo setkání srazu průvodce rezervace rezervaci skupina osob děti dítě zrušit vrácení peníze"
    " poukaz faktura účtenka zaplaceno platba cena vstupenka vstupenky vchod nádraží hotel autobus vlak letiště let"
    " zpoždění minut čekat čekáme nikdo přišel bohužel škoda déšť počasí loď přístav ulice náměstí kostel most řeka hrad"
    " hora pláž boty voda ručník bunda zima teplo večer ráno odpoledne oběd večeře vegetariánské alergie vozík muzeum"
    " telefon číslo zavolat adresa problém stížnost omlouvám možné potvrdit potvrzeno změnit datum týden měsíc rok"
    " pondělí úterý středa čtvrtek pátek sobota neděle anglicky česky jazyk fotky mapa zavazadlo",
    "pt": "de a o que e do da em um para com não uma os no se na por mais as dos como mas foi ao ele das à seu ou quando muito"
    " nos já eu também só pelo pela até isso ela entre depois sem mesmo aos seus quem nas me esse obrigado olá bom dia"
    " amanhã hora ponto encontro guia reserva grupo pessoas crianças criança cancelar reembolso dinheiro vale fatura"
    " recibo pago pagamento preço bilhete bilhetes entrada estação hotel autocarro comboio aeroporto voo atraso minutos"
    " esperar ninguém veio infelizmente pena chuva tempo barco porto rua praça igreja ponte rio castelo montanha praia"
    " sapatos água toalha casaco frio calor noite tarde almoço jantar",
    "ja": "の に は を た が で て と し れ さ ある いる も する から な こと として いい や です ます ください ありがとう"
    " こんにちは 予約 集合 場所 時間 明日 今日 案内 返金 領収書 支払い 料金 切符 入口 駅 ホテル バス 電車 空港 飛行機"
    " 遅れ 待つ 誰 来 雨 天気 船 港 道 広場 教会 橋 川 城 山 海 靴 水 タオル 寒い 暑い 夜 朝 昼食 夕食 電話 番号 住所"
    " 問題 苦情 可能 確認 変更 日付 週 月 年 英語 日本語 写真 地図 荷物 子供 大人 二人",
    "zh": "的 一 是 在 不 了 有 和 人 这 中 大 为 上 个 我 们 你 好 请 谢谢 您好 预订 集合 地点 时间 明天 今天 导游 退款 发票"
    " 付款 价格 门票 入口 车站 酒店 公交 火车 机场 航班 延误 等 没有 来 下雨 天气 船 港口 街 广场 教堂 桥 河 城堡 山 海滩"
    " 鞋 水 毛巾 冷 热 晚上 早上 午餐 晚餐 电话 号码 地址 问题 投诉 可能 确认 更改 日期 星期 月 年 英语 中文 照片 地图"
    " 行李 孩子 大人 两个",
}
SHARES: Final[dict[str, int]] = {
    "en": 33,
    "de": 15,
    "fr": 12,
    "es": 10,
    "it": 9,
    "pl": 8,
    "cs": 4,
    "nl": 3,
    "pt": 2,
    "ja": 2,
    "zh": 2,
}
"""Of a hundred messages."""
STOCK: Final[dict[str, tuple[str, ...]]] = {
    "en": ("Where is the meeting point?", "We would like a full refund.", "Thank you for your quick reply.", "Nobody was there."),
    "de": (
        "Wo ist der Treffpunkt?",
        "Wir möchten unser Geld zurück.",
        "Vielen Dank für die schnelle Antwort.",
        "Niemand war da.",
    ),
    "fr": ("Où est le point de rendez-vous ?", "Nous demandons un remboursement.", "Merci pour votre réponse rapide."),
    "es": ("¿Dónde está el punto de encuentro?", "Queremos el reembolso completo.", "Muchas gracias por su respuesta."),
    "pl": ("Gdzie jest miejsce zbiórki?", "Prosimy o zwrot pieniędzy.", "Dziękuję za szybką odpowiedź."),
    "it": ("Dov'è il punto di incontro?", "Vorremmo un rimborso completo.", "Grazie per la risposta rapida."),
    "nl": ("Waar is het ontmoetingspunt?", "Wij willen ons geld terug."),
    "cs": ("Kde je místo srazu?", "Žádáme o vrácení peněz."),
    "pt": ("Onde é o ponto de encontro?", "Queremos o reembolso."),
    "ja": ("集合場所はどこですか。", "返金をお願いします。"),
    "zh": ("集合地点在哪里？", "我们要求退款。"),
}
FIRST_NAMES: Final = (
    "Zofia Anna Jean Luis Greta Marco Łukasz Jürgen François Søren Núria Giulia Tomáš Jiří Ondřej Małgorzata Claire Pierre Ingrid"
    " Carmen José Paweł Katarzyna Hans Ursula Emma Oliver Sophie Matteo Chiara Yuki Haruto Wei Ling Joost Femke João Inês"
).split()
_LAST_HEADS: Final = (
    "Kowal Nowa Müll Schmi Berna Dupo Garci Rossi Bianch Svob Dvoř Jans Silv Tanak Weber Lefèv Moren Zielin Hoff Ferrar"
)
_LAST_ENDS: Final = "ski czyk er dt rd nt a i no ová ák en aka mann eau ini ez sson berg ley"
LAST_NAMES: Final = [f"{head}{end}" for head in _LAST_HEADS.split() for end in _LAST_ENDS.split()]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one language, the commonest first, and how often each is drawn."""

    words: list[str] = field(repr=False)
    weights: list[float] = field(repr=False)
    """Added up, as random.choices takes them."""
    between: str
    """What stands between two words."""

    def drawn(self, draw: random.Random, count: int) -> list[str]:
        return draw.choices(self.words, cum_weights=self.weights, k=count)


def vocabularies() -> dict[str, Vocabulary]:
    """One for each language; always the same."""
    return {language: _vocabulary(language, head.split()) for language, head in HEADS.items()}


def _vocabulary(language: str, head: list[str]) -> Vocabulary:
    draw = random.Random(f"words of {language}")
    common = list(dict.fromkeys(head))
    cjk = language in {"ja", "zh"}
    rare: dict[str, None] = {}
    long_ones = [word for word in common if len(word) > 3] if not cjk else common
    wanted = tail // 8 if cjk else tail
    while len(rare) < wanted:
        rare[_compound(draw, common) if cjk else _derived(draw, long_ones)] = None
    words = list(dict.fromkeys((*common, *rare)))
    weights = list(accumulate(1 / (rank + _OFFSET) ** _EXPONENT for rank in range(1, len(words) + 1)))
    return Vocabulary(words, weights, "" if cjk else " ")


def _compound(draw: random.Random, common: list[str]) -> str:
    return "".join(draw.choices(common, k=draw.choice((2, 2, 3))))


def _derived(draw: random.Random, common: list[str]) -> str:
    """What looks like a word of that language: the beginning of one, perhaps the middle of another, the end of a third."""
    begin, middle, end = draw.choices(common, k=3)
    cut = draw.randrange(2, max(3, len(begin) - 1))
    inner = middle[1 : draw.randrange(2, 4)] if draw.random() < 0.4 else ""
    return begin[:cut] + inner + end[-draw.randrange(2, max(3, len(end) - 1)) :]
