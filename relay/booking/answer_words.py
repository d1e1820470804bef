"""The words by which people answer a request, in the languages in which we write.

Each entry is a whole answer: what says more than that, and what is polite around it, is no clear word and acts on nothing. Case,
accents and punctuation do not count. Negations are not among them, for "not accepted" may mean anything: "I do not accept" has
a word of its own, which is "declined".
"""

from __future__ import annotations

from typing import Final

from relay.values import Language

ACCEPT: Final[dict[Language, tuple[str, ...]]] = {
    Language.EN: (
        *("accept", "accepted", "I accept", "we accept", "I accept it", "we accept it", "accept it", "accept the request"),
        *("I accept the request", "we accept the request", "accept the booking", "I accept the booking", "we accept the booking"),
        *("request accepted", "booking accepted", "accept request", "accept booking", "the request is accepted"),
        *("I confirm", "we confirm", "confirmed", "I can confirm", "we can confirm", "booking confirmed", "request confirmed"),
        *("approve", "approved", "I am happy to accept", "we are happy to accept", "happy to accept", "I accept this request"),
        *("we accept this request", "accept this request", "I accept this booking", "we accept this booking"),
    ),
    Language.FR: (
        *("accepter", "accepté", "acceptée", "accepte", "j'accepte", "nous acceptons", "on accepte", "j'accepte la demande"),
        *("nous acceptons la demande", "accepter la demande", "demande acceptée", "réservation acceptée"),
        *("j'accepte la réservation", "nous acceptons la réservation", "accepter la réservation", "c'est accepté"),
        *("je confirme", "nous confirmons", "confirmé", "confirmée", "c'est confirmé", "demande confirmée"),
        *("réservation confirmée", "je l'accepte", "nous l'acceptons", "j'accepte cette demande", "nous acceptons cette demande"),
    ),
    Language.ES: (
        *("aceptar", "acepto", "aceptamos", "aceptado", "aceptada", "acepto la solicitud", "aceptamos la solicitud"),
        *("aceptar la solicitud", "solicitud aceptada", "reserva aceptada", "acepto la reserva", "aceptamos la reserva"),
        *("la acepto", "la aceptamos", "lo acepto", "lo aceptamos", "confirmo", "confirmamos", "confirmado", "confirmada"),
        *("reserva confirmada", "solicitud confirmada", "queda aceptada", "queda confirmada", "acepto esta solicitud"),
        *("aceptar la reserva", "aceptamos esta solicitud"),
    ),
    Language.PL: (
        *("akceptuję", "akceptujemy", "akceptuj", "zaakceptowane", "zaakceptowano", "zaakceptowana", "zaakceptowany"),
        *("akceptacja", "akceptuję rezerwację", "akceptujemy rezerwację", "akceptuję zapytanie", "akceptujemy zapytanie"),
        *("przyjmuję", "przyjmujemy", "przyjęte", "przyjęta", "przyjęto", "przyjmuję rezerwację", "przyjmujemy rezerwację"),
        *("przyjmuję zapytanie", "przyjmujemy zapytanie", "rezerwacja przyjęta", "rezerwacja zaakceptowana"),
        *("potwierdzam", "potwierdzamy", "potwierdzone", "potwierdzona", "potwierdzono", "potwierdzam rezerwację"),
        *("potwierdzamy rezerwację", "rezerwacja potwierdzona", "zgadzam się", "zgadzamy się"),
    ),
    Language.DE: (
        *("annehmen", "angenommen", "ich nehme an", "wir nehmen an", "nehme an", "nehmen wir an", "nehme ich an"),
        *("ich nehme die Anfrage an", "wir nehmen die Anfrage an", "Anfrage angenommen", "Buchung angenommen"),
        *("die Anfrage ist angenommen", "akzeptiert", "akzeptieren", "ich akzeptiere", "wir akzeptieren", "akzeptiere"),
        *("zusagen", "zusage", "zugesagt", "ich sage zu", "wir sagen zu", "sage zu", "bestätigt", "bestätigen", "ich bestätige"),
        *("wir bestätigen", "hiermit bestätigt", "hiermit angenommen", "ich nehme hiermit an", "wir nehmen hiermit an"),
        *("ich nehme die Buchung an", "wir nehmen die Buchung an", "Buchung bestätigt", "Anfrage bestätigt"),
        *("ich nehme gern an", "ich nehme gerne an", "wir nehmen gern an", "wir nehmen gerne an", "wir sagen gerne zu"),
    ),
    Language.IT: (
        *("accettare", "accetto", "accettiamo", "accettato", "accettata", "accetto la richiesta", "accettiamo la richiesta"),
        *("accettare la richiesta", "richiesta accettata", "prenotazione accettata", "accetto la prenotazione"),
        *("accettiamo la prenotazione", "la accetto", "la accettiamo", "l'accetto", "l'accettiamo", "confermo", "confermiamo"),
        *("confermato", "confermata", "prenotazione confermata", "richiesta confermata", "confermo la prenotazione"),
        *("confermiamo la prenotazione", "è accettata", "è confermata", "accetto questa richiesta"),
    ),
}

DECLINE: Final[dict[Language, tuple[str, ...]]] = {
    Language.EN: (
        *("decline", "declined", "I decline", "we decline", "I decline it", "we decline it", "decline it", "I have to decline"),
        *("we have to decline", "I must decline", "we must decline", "I decline the request", "we decline the request"),
        *("decline the request", "request declined", "booking declined", "decline request", "reject", "rejected", "I reject"),
        *("we reject", "request rejected", "refuse", "refused", "I refuse", "we refuse", "I do not accept", "we do not accept"),
        *("I don't accept", "we don't accept", "I have to refuse", "we have to refuse", "I am declining", "we are declining"),
        *("I decline this request", "we decline this request", "the request is declined", "I unfortunately have to decline"),
        *("we unfortunately have to decline", "we are unable to accept", "I am unable to accept"),
    ),
    Language.FR: (
        *("refuser", "refusé", "refusée", "refuse", "refus", "je refuse", "nous refusons", "on refuse", "je refuse la demande"),
        *("nous refusons la demande", "refuser la demande", "demande refusée", "réservation refusée", "décliner", "décliné"),
        *("déclinée", "je décline", "nous déclinons", "je dois refuser", "nous devons refuser", "je dois décliner"),
        *("nous devons décliner", "rejeté", "rejetée", "demande rejetée", "je n'accepte pas", "nous n'acceptons pas"),
        *("je suis obligé de refuser", "nous sommes obligés de refuser", "je dois malheureusement refuser"),
        *("nous devons malheureusement refuser", "nous devons malheureusement décliner"),
    ),
    Language.ES: (
        *("rechazar", "rechazo", "rechazamos", "rechazado", "rechazada", "rechazo la solicitud", "rechazamos la solicitud"),
        *("rechazar la solicitud", "solicitud rechazada", "reserva rechazada", "declinar", "declino", "declinamos", "denegado"),
        *("denegada", "solicitud denegada", "tengo que rechazar", "tenemos que rechazar", "debo rechazar", "debemos rechazar"),
        *("no acepto", "no aceptamos", "la rechazo", "la rechazamos", "rehusar", "rehusado"),
    ),
    Language.PL: (
        *("odrzucam", "odrzucamy", "odrzucić", "odrzucone", "odrzucona", "odrzucono", "odrzucam rezerwację"),
        *("odrzucamy rezerwację", "odrzucam zapytanie", "odrzucamy zapytanie", "odmawiam", "odmawiamy", "odmowa", "odmówić"),
        *("muszę odmówić", "musimy odmówić", "rezerwacja odrzucona", "nie akceptuję", "nie akceptujemy", "nie przyjmuję"),
        *("nie przyjmujemy", "muszę odrzucić", "musimy odrzucić", "zapytanie odrzucone"),
    ),
    Language.DE: (
        *("ablehnen", "abgelehnt", "ich lehne ab", "wir lehnen ab", "lehne ab", "lehnen wir ab", "lehne ich ab", "ablehnung"),
        *("ich lehne die Anfrage ab", "wir lehnen die Anfrage ab", "Anfrage abgelehnt", "Buchung abgelehnt"),
        *("ich muss ablehnen", "wir müssen ablehnen", "absagen", "absage", "abgesagt", "ich sage ab", "wir sagen ab"),
        *("ich muss absagen", "wir müssen absagen", "muss ich ablehnen", "müssen wir ablehnen", "muss ich absagen"),
        *("müssen wir absagen", "die Anfrage ist abgelehnt", "ich nehme nicht an", "wir nehmen nicht an"),
        *("ich lehne leider ab", "wir lehnen leider ab", "ich muss leider ablehnen", "wir müssen leider ablehnen"),
        *("ich muss leider absagen", "wir müssen leider absagen", "ich sage leider ab", "wir sagen leider ab"),
    ),
    Language.IT: (
        *("rifiutare", "rifiuto", "rifiutiamo", "rifiutato", "rifiutata", "rifiuto la richiesta", "rifiutiamo la richiesta"),
        *("rifiutare la richiesta", "richiesta rifiutata", "prenotazione rifiutata", "declinare", "declino", "decliniamo"),
        *("respinto", "respinta", "richiesta respinta", "devo rifiutare", "dobbiamo rifiutare", "devo declinare"),
        *("dobbiamo declinare", "non accetto", "non accettiamo", "la rifiuto", "la rifiutiamo"),
    ),
}

POLITE: Final = (
    *("please", "thanks", "thank you", "thank you very much", "many thanks", "thanks a lot", "thx", "regards", "best regards"),
    *("kind regards", "best wishes", "cheers", "best", "sincerely"),
    *("merci", "merci beaucoup", "s'il vous plaît", "cordialement", "bien cordialement", "bonne journée", "salutations"),
    *("gracias", "muchas gracias", "por favor", "saludos", "un saludo", "saludos cordiales"),
    *("dziękuję", "dziękujemy", "dzięki", "proszę", "pozdrawiam", "pozdrawiamy", "z poważaniem"),
    *("danke", "vielen Dank", "danke schön", "bitte", "Gruß", "Grüße", "viele Grüße", "liebe Grüße", "mit freundlichen Grüßen"),
    *("freundliche Grüße", "beste Grüße", "mfg", "hiermit"),
    *("grazie", "grazie mille", "molte grazie", "per favore", "cordiali saluti", "saluti", "un saluto"),
)
"""What people put before or behind any answer."""

GLAD: Final = (
    *("yes", "yes please", "ok", "okay", "sure", "of course", "certainly", "with pleasure", "gladly", "great", "perfect", "fine"),
    *("oui", "d'accord", "avec plaisir", "volontiers", "bien sûr", "parfait", "sí", "vale", "de acuerdo", "con mucho gusto"),
    *("con gusto", "por supuesto", "claro", "perfecto", "tak", "dobrze", "oczywiście", "chętnie", "z przyjemnością", "super"),
    *("ja", "gern", "gerne", "sehr gerne", "natürlich", "selbstverständlich", "klar", "mit Vergnügen", "va bene", "certo"),
    *("con piacere", "volentieri", "certamente", "perfetto"),
)
"""What stands beside a yes alone."""

SORRY: Final = (
    *("sorry", "I am sorry", "I'm sorry", "we are sorry", "we're sorry", "unfortunately", "regretfully", "I regret"),
    *("my apologies", "apologies", "sadly", "but", "désolé", "désolée", "désolés", "je suis désolé", "je suis désolée"),
    *("nous sommes désolés", "malheureusement", "hélas", "lo siento", "lo sentimos", "lamentablemente", "desgraciadamente"),
    *("por desgracia", "niestety", "przykro mi", "przykro nam", "przepraszam", "przepraszamy", "nein", "leider"),
    *("tut mir leid", "es tut mir leid", "tut uns leid", "es tut uns leid", "bedauerlicherweise", "purtroppo", "mi dispiace"),
    *("ci dispiace", "spiacente", "spiacenti"),
)
"""What stands beside a no alone. The short noes of most languages are not here: they turn the word behind them round."""

BECAUSE: Final = (
    *("because", "since", "due to", "car", "parce que", "puisque", "porque", "ya que", "debido a", "ponieważ", "bo", "gdyż"),
    *("z powodu", "weil", "da", "wegen", "denn", "perché", "poiché", "siccome", "a causa di"),
)
"""What begins a reason without any punctuation."""

CONDITIONAL: Final = (
    *("if", "unless", "or", "but", "maybe", "perhaps", "only", "except", "provided", "until", "not", "however", "though", "when"),
    *("si", "sauf", "ou", "mais", "peut-être", "seulement", "pas", "à moins", "cependant", "sinon", "pero", "o", "quizás"),
    *("quizá", "tal vez", "salvo", "sino", "a menos", "solo", "sólo", "excepto", "cuando", "jeśli", "jeżeli", "chyba", "lub"),
    *("albo", "ale", "może", "tylko", "jednak", "gdyby", "wenn", "falls", "oder", "aber", "vielleicht", "außer", "sofern"),
    *("nur", "nicht", "es sei denn", "sonst", "jedoch", "se", "forse", "ma", "oppure", "a meno", "soltanto", "però", "eccetto"),
)
"""What makes an answer depend on something, or takes it back: then it is for the other side to read."""

GREETINGS: Final = (
    *("hello", "hi", "hey", "dear", "good morning", "good afternoon", "good evening", "good day", "greetings"),
    *("bonjour", "bonsoir", "salut", "cher", "chère", "chers", "madame", "monsieur", "coucou"),
    *("hola", "buenos días", "buenas tardes", "buenas noches", "buenas", "buen día", "estimado", "estimada", "estimados"),
    *("dzień dobry", "dobry wieczór", "cześć", "witam", "witaj", "szanowny", "szanowna", "szanowni", "hej"),
    *("hallo", "guten Tag", "guten Morgen", "guten Abend", "moin", "servus", "grüß Gott", "grüezi", "sehr geehrte", "liebe"),
    *("sehr geehrter", "lieber", "sehr geehrtes", "liebes"),
    *("ciao", "buongiorno", "buonasera", "salve", "gentile", "gentili", "egregio", "caro", "cara", "buon giorno"),
)
"""How a line begins that greets, and says nothing yet."""
