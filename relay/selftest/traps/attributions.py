"""How mail programs introduce what they quote, as data: attributions and header blocks (LEAK-20, LEAK-21)."""

from __future__ import annotations

from typing import Final

ATTRIBUTIONS: Final = {
    "English": "On Mon, Jun 1, 2026 at 5:00 PM $who wrote:",
    "French": "Le lun. 1 juin 2026 à 17:00, $who a écrit :",
    "German": "Am Mo., 1. Juni 2026 um 17:00 Uhr schrieb $who:",
    "Spanish": "El lun, 1 jun 2026 a las 17:00, $who escribió:",
    "Italian": "Il giorno lun 1 giu 2026 alle ore 17:00 $who ha scritto:",
    "Polish": "pon., 1 cze 2026 o 17:00 $who napisał(a):",
    "Czech": "po 1. 6. 2026 v 17:00 odesílatel $who napsal:",
    "Slovak": "po 1. 6. 2026 o 17:00 $who napísal(a):",
    "Dutch": "Op ma 1 jun 2026 om 17:00 schreef $who:",
    "Portuguese": "Em seg., 1 de jun. de 2026 às 17:00, $who escreveu:",
    "Swedish": "Den mån 1 juni 2026 kl 17:00 skrev $who:",
    "Danish": "Den man. 1. jun. 2026 kl. 17.00 skrev $who:",
    "Norwegian": "man. 1. juni 2026 kl. 17:00 skrev $who:",
    "Finnish": "ma 1. kesäk. 2026 klo 17.00 $who kirjoitti:",
    "Hungarian": "$who ezt írta (időpont: 2026. jún. 1., H, 17:00):",
    "Romanian": "În lun., 1 iun. 2026 la 17:00, $who a scris:",
    "Russian": "пн, 1 июн. 2026 г. в 17:00, $who:",
    "Ukrainian": "пн, 1 черв. 2026 р. о 17:00 $who пише:",
    "Greek": "Στις Δευ 1 Ιουν 2026 στις 5:00 μ.μ., ο χρήστης $who έγραψε:",
    "Turkish": "$who, 1 Haz 2026 Pzt, 17:00 tarihinde şunu yazdı:",
    "Hebrew": "בתאריך יום ב׳, 1 ביוני 2026 ב-17:00 מאת $who:",
    "Arabic": "في الاثنين، 1 يونيو 2026 في 5:00 م تمت كتابة ما يلي بواسطة $who:",
    "Japanese": "2026年6月1日(月) 17:00 $who:",
    "Chinese": "$who 于2026年6月1日周一 17:00写道：",
    "Korean": "2026년 6월 1일 (월) 오후 5:00, $who님이 작성:",
    "Vietnamese": "Vào Th 2, 1 thg 6, 2026 vào lúc 17:00 $who đã viết:",
}
"""By language; `$who` is name and address."""

LABELS: Final = {
    "English": ("From", "Sent", "To", "Cc", "Subject"),
    "French": ("De", "Envoyé", "À", "Cc", "Objet"),
    "German": ("Von", "Gesendet", "An", "Cc", "Betreff"),
    "Spanish": ("De", "Enviado", "Para", "CC", "Asunto"),
    "Italian": ("Da", "Inviato", "A", "Cc", "Oggetto"),
    "Polish": ("Od", "Wysłano", "Do", "DW", "Temat"),
    "Czech": ("Od", "Odesláno", "Komu", "Kopie", "Předmět"),
    "Slovak": ("Od", "Odoslané", "Komu", "Kópia", "Predmet"),
    "Dutch": ("Van", "Verzonden", "Aan", "CC", "Onderwerp"),
    "Portuguese": ("De", "Enviado", "Para", "Cc", "Assunto"),
    "Swedish": ("Från", "Skickat", "Till", "Kopia", "Ämne"),
    "Danish": ("Fra", "Sendt", "Til", "Cc", "Emne"),
    "Norwegian": ("Fra", "Sendt", "Til", "Kopi", "Emne"),
    "Finnish": ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Kopio", "Aihe"),
    "Hungarian": ("Feladó", "Elküldve", "Címzett", "Másolatot kap", "Tárgy"),
    "Romanian": ("De la", "Trimis", "Către", "Cc", "Subiect"),
    "Russian": ("От", "Отправлено", "Кому", "Копия", "Тема"),
    "Ukrainian": ("Від", "Надіслано", "Кому", "Копія", "Тема"),
    "Greek": ("Από", "Στάλθηκε", "Προς", "Κοιν.", "Θέμα"),
    "Turkish": ("Gönderen", "Gönderildi", "Kime", "Bilgi", "Konu"),
    "Hebrew": ("מאת", "נשלח", "אל", "עותק", "נושא"),
    "Arabic": ("من", "تم الإرسال", "إلى", "نسخة", "الموضوع"),
    "Japanese": ("差出人", "送信日時", "宛先", "CC", "件名"),
    "Chinese": ("发件人", "发送时间", "收件人", "抄送", "主题"),
    "Korean": ("보낸 사람", "보낸 날짜", "받는 사람", "참조", "제목"),
    "Vietnamese": ("Từ", "Đã gửi", "Đến", "Cc", "Chủ đề"),
}
"""The labels of a quoted header block by language: author, date, recipients, copies, subject."""

BLOCKS: Final = {
    "Outlook": """
        -----Original Message-----
        From: $last, $first [mailto:$address]
        Sent: Monday, June 1, 2026 5:00 PM
        To: $their_name; $second
        Cc: Nora Lindgren <$stranger>
        Subject: RE: Meeting point $their_address
        """,
    "Outlook with a rule": """
        ________________________________
        From: $name <$address>
        Sent: Monday, June 1, 2026 5:00 PM
        To: $their_name <$their_address>; $name <$second>
        Subject: Re: Meeting point
        """,
    "Outlook on a phone": """
        ________________________________
        From: $name <$address<mailto:$address>>
        Date: Monday, June 1, 2026 at 5:00 PM
        To: "$their_address" <$their_address>
        Subject: Re: Meeting point
        """,
    "Apple": """
        Begin forwarded message:

        > From: $name <$address>
        > Subject: Meeting point
        > Date: 1 June 2026 at 17:00:00 CEST
        > To: $their_name <$their_address>
        > Cc: $second
        """,
    "Apple in bold": """
        *From: *"$name" <$address>
        *To: *<$their_address>
        *Sent: *Monday, 1 June, 2026 17:00:00
        *Subject: *Meeting point
        """,
    "Lotus": """
        From:\t$name/$company/AT@$company
        To:\t$their_address,
        Cc:\t$second
        Date:\t01.06.2026 17:00
        Subject:\tMeeting point
        """,
    "Lotus with marks": """
        "$name" <$address>
        01.06.2026 17:00
        To\t"$their_name" <$their_address>
        cc\t$second, $stranger
        """,
    "Yahoo": """
        ----- Original Message -----
        From: "$name" <$address>
        To: "$their_name" <$their_address>
        Sent: Monday, June 1, 2026 at 05:00:00 PM GMT+2
        Subject: Meeting point
        """,
    "QQ": """
        ------------------ 原始邮件 ------------------
        发件人: "$name"<$address>;
        发送时间: 2026年6月1日(星期一) 晚上5:00
        收件人: "$their_name"<$their_address>;
        抄送: "$second"<$second>;
        主题: Meeting point
        """,
    "Naver": """
        -----Original Message-----
        From: "$name"<$address>
        To: <$their_address>; "$name"<$second>;
        Cc:
        Sent: 2026-06-01 (월) 17:00:00 (GMT+09:00)
        Subject: Meeting point
        """,
    "Seznam": """
        ---------- Původní e-mail ----------
        Od: $name <$address>
        Komu: $their_address
        Datum: 1. 6. 2026 17:00:00
        Předmět: Meeting point
        """,
    "Gmail forward": """
        ---------- Forwarded message ---------
        From: $name <$address>
        Date: Mon, Jun 1, 2026 at 5:00 PM
        Subject: Meeting point
        To: <$their_address>, $name <$second>, Nora Lindgren <$stranger>
        """,
    "WEB.DE and GMX": """
        Gesendet: Montag, 01. Juni 2026 um 17:00 Uhr
        Von: "$name" <$address>
        An: $their_address
        Betreff: Meeting point
        """,
    "list over several lines": """
        From: $name <$address>
        To: $their_name <$their_address>,
            $name <$second>,
            Nora Lindgren <$stranger>
        Subject: Meeting point
        """,
}
"""Header blocks as programs quote them (LEAK-21)."""
