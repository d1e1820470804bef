"""Which first line of an answer acts, and which is for a person to read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.booking.answer import Accepts, Declines, clear_word, greets_only
from relay.booking.answer_words import ACCEPT, DECLINE
from relay.booking.booking import reason_characters_max
from relay.values import Language

_DRESSED = (
    "{}",
    "{}.",
    "{} !",
    "  {}  ",
    "*{}*",
    '"{}"',
    "{}, thanks",
    "{} - thank you very much!",
    "{}…",
    "{} \U0001f44d",
    "Please {}",
)


def _phrases(table: dict[Language, tuple[str, ...]]) -> list[str]:
    return [one for phrases in table.values() for one in phrases]


def test_every_word_of_the_table_is_clear_in_any_dress_and_case() -> None:
    """In six languages, with capitals, punctuation and thanks around it: hundreds of answers that act."""
    for table, expected in ((ACCEPT, Accepts()), (DECLINE, Declines())):
        assert set(table) == set(Language)
        for phrase in _phrases(table):
            for dress in _DRESSED:
                for line in (dress.format(phrase), dress.format(phrase).upper(), dress.format(phrase).title()):
                    assert clear_word(line) == expected, line


def test_no_word_means_both() -> None:
    accepting = {clear_word(one) for one in _phrases(ACCEPT)}
    declining = {clear_word(one) for one in _phrases(DECLINE)}
    assert accepting == {Accepts()}
    assert declining == {Declines()}


@pytest.mark.parametrize(
    "line",
    [
        *(
            "Yes, accepted",
            "Yes we accept",
            "Ok, accept",
            "Of course, I accept",
            "Accepted with pleasure",
            "Accept, best regards",
        ),
        *("J’accepte", "j'accepte !", "Oui, j’accepte avec plaisir", "ACCEPTEE", "accepte", "Acceptée, merci beaucoup"),
        *("Sí, acepto", "Acepto. Un saludo", "¡Aceptado!", "aceptada, gracias", "Perfecto, aceptamos"),
        *("Akceptuje", "Tak, akceptuję", "Potwierdzam, pozdrawiam", "Chętnie przyjmujemy"),
        *("Angenommen, danke", "Ja, gerne angenommen", "Gerne, wir sagen zu"),
        *("Certo, accetto", "Accettiamo volentieri", "Confermato! Grazie mille", "Accettata, cordiali saluti"),
        *("Wir bestätigen", "wir bestatigen", "Accept\u200b", "\u00a0Accept\u00a0", "“Accept”"),
    ],
)
def test_an_acceptance_may_be_polite(line: str) -> None:
    assert clear_word(line) == Accepts()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("decline: we are full", "we are full"),
        ("Decline : we are full.", "we are full."),
        ("Declined, we are full", "we are full"),
        ("Declined - we are full", "we are full"),
        ("Declined – we are full", "we are full"),
        ("Declined. We are full that day.", "We are full that day."),
        ("Sorry, declined: the guide is ill", "the guide is ill"),
        ("decline because we are full", "because we are full"),
        ("Unfortunately we have to decline, the boat is in repair", "the boat is in repair"),
        ("decline: could you come on Friday instead?", "could you come on Friday instead?"),
        ("decline: we cannot accept dogs", "we cannot accept dogs"),
        ("DECLINE: <b>full</b> & closed", "<b>full</b> & closed"),
        ("Refusé : complet ce jour-là", "complet ce jour-là"),
        ("Désolé, nous refusons : nous sommes complets", "nous sommes complets"),
        ("Je refuse car nous sommes complets", "car nous sommes complets"),
        ("Rechazado: estamos completos", "estamos completos"),
        ("Lo siento, rechazamos, estamos llenos", "estamos llenos"),
        ("Odrzucam: brak miejsc", "brak miejsc"),
        ("Niestety odmawiamy, brak wolnych miejsc", "brak wolnych miejsc"),
        ("Leider abgelehnt: ausgebucht", "ausgebucht"),
        ("Wir müssen leider ablehnen, da ist alles voll", "da ist alles voll"),
        ("Absage – das Boot ist in Reparatur", "das Boot ist in Reparatur"),
        ("Rifiutiamo: siamo al completo", "siamo al completo"),
        ("Purtroppo dobbiamo rifiutare, siamo chiusi", "siamo chiusi"),
        ("abgelehnt：voll", "voll"),
        ("decline:" + "x" * reason_characters_max, "x" * reason_characters_max),
    ],
)
def test_a_decline_may_say_why(line: str, reason: str) -> None:
    """OR-36, OR-37: as written."""
    assert clear_word(line) == Declines(reason)


@pytest.mark.parametrize(
    "line", ["Declined, sorry", "Leider abgelehnt", "Decline, thank you", "Nein, abgelehnt", "Refusé. Merci"]
)
def test_a_decline_need_not_say_why(line: str) -> None:
    assert clear_word(line) == Declines("") or clear_word(line) == Declines("sorry")


@pytest.mark.parametrize(
    "line",
    [
        *("", " ", "-", "!!!", "ok", "yes", "no", "Yes please", "fine", "thanks", "ja", "nein", "oui", "sí", "tak", "nie"),
        *("accept?", "accepted?", "Should I accept", "do you accept", "decline?", "Shall we decline?", "¿acepto?", "accepte？"),
        *("accept or decline", "accept / decline", "accept, decline", "decline, accept", "Accept? Decline?", "declined accepted"),
        *("decline or accept at 10", "decline, or accept if you come at 10", "decline. I accept the other one"),
        *("not accepted", "not declined", "no accept", "I will not accept that without a deposit", "never accepted"),
        *("nicht angenommen", "nicht abgelehnt", "non accepté", "no aceptado", "nie zaakceptowane", "non accettato"),
        *("I cannot accept", "we can't decline", "I do not decline", "do not accept anything before Friday"),
        *(
            "accept if you can come at 10",
            "accept, if you come at 10",
            "accept: but only at 10",
            "accepted from 10:00",
            "accept 10",
        ),
        *("we accept dogs", "we accept credit cards", "I accept payments in cash", "accept, dogs are welcome too"),
        *("accept on Friday", "accepted for two people", "accept, only two people though", "Accepted, Anna"),
        *("decline, unless you come at 10", "decline, but Friday would work", "decline: unless you can come at 10"),
        *("decline, maybe Friday?", "declined - or would Friday do?", "decline, if it rains"),
        *("I would like to accept but the boat is broken", "We would have accepted", "I am about to accept"),
        *("ich nehme an, dass Sie morgen kommen", "ich nehme an dass das so ist", "wir nehmen an, es regnet"),
        *("Ich kann annehmen, wenn Sie um 10 kommen", "ablehnen oder annehmen", "lieber ablehnen", "ablehnen?"),
        *("J'accepterais bien", "j'accepte si vous venez à 10 h", "je refuse sauf si vous venez à 10 h, d'accord ?"),
        *("acepto si vienen a las 10", "acepto, pero a las 10", "no rechazo", "akceptuję, jeśli o 10", "nie odrzucam"),
        *("accetto se venite alle 10", "non rifiuto", "accetto, ma alle 10", "rifiuto o accetto", "forse accetto"),
        *("Hello", "Hello, accept", "Could you tell me how old the children are?", "What time would suit you?"),
        *("Please call me", "accept@example.com", "https://example.com/accept", "decline.pdf"),
        *("Accept\x00Decline", "accеpt", "a c c e p t", "acceptaccept", "accept accept"),
        *("No, acepto", "No. Aceptamos", "no: acepto", "decline: accept", "Decline: we accept", "accept؟", "accept‽", "accept⁇"),
        *("❌ accept", "accept 👎", "✗ accept", "[ ] accept", "accept [ ]", "☐ accept", "~~accept~~", "a̶c̶c̶e̶p̶t̶", "≠ accept"),
        *("x" * 10_000, "accept " * 1_000, "decline:" + "x" * (reason_characters_max + 1_000), ", " * 5_000),
    ],
)
def test_whatever_else_it_may_mean_is_for_a_person_to_read(line: str) -> None:
    """Negations, conditions, questions, both words, words in a sentence."""
    assert clear_word(line) is None


@pytest.mark.parametrize(
    ("below", "is_clear"),
    [
        *((one, True) for one in ("", "Marco", "Thanks!", "Best regards", "See you on the pier")),
        *((one, False) for one in ("not", "if you come at 10", "but only for two", "nur für zwei", "ale tylko dla dwóch")),
    ],
)
def test_a_sentence_may_go_on_below(below: str, is_clear: bool) -> None:
    """Programs break sentences anywhere."""
    assert (clear_word("I accept", below), clear_word("decline: full", below)) == (
        (Accepts(), Declines("full")) if is_clear else (None, None)
    )


@pytest.mark.parametrize(
    ("line", "greets"),
    [
        *((one, True) for one in ("Hello,", "Hi Anna", "Dear Sir or Madam,", "Good morning!", "Hey there", "Bonjour,")),
        *((one, True) for one in ("Bonjour Madame,", "Chère Anna,", "Hola Marta:", "Buenos días", "Estimada señora,", "Buenas")),
        *((one, True) for one in ("Dzień dobry,", "Dzien dobry", "Witam", "Szanowni Państwo,", "Hallo zusammen,", "Guten Tag")),
        *((one, True) for one in ("Sehr geehrte Damen und Herren,", "Moin", "Ciao,", "Buongiorno Marco,", "Gentile cliente,")),
        *(
            (one, False)
            for one in ("Accept", "Hello, we accept", "Hi, can you call me?", "Dear accept", "", "...", "Decline: full")
        ),
        *((one, False) for one in ("Hi, the boat leaves at ten o'clock tomorrow morning", "Anna", "Hellooo", "Hi, declined")),
    ],
)
def test_a_line_that_only_greets_says_nothing_yet(line: str, greets: bool) -> None:
    assert greets_only(line) is greets


@given(st.text(max_size=400))
def test_no_text_is_too_much(line: str) -> None:
    clear_word(line)
    greets_only(line)


@given(st.sampled_from(_phrases(ACCEPT)), st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=13, max_size=20))
def test_a_word_more_that_nobody_knows_makes_it_a_message(phrase: str, word: str) -> None:
    assert clear_word(f"{phrase} {word}") is None
    assert clear_word(f"{word} {phrase}") is None
