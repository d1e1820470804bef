"""The machines of a writer (leaks.md section 0, LEAK-4)."""

from __future__ import annotations

from relay.message.hosts import hosts_max, hosts_of
from relay.message.parse import parse


def test_hosts_come_from_trace_fields_connection_and_greeting_but_not_everybodys_networks() -> None:
    mail = parse(
        b"Received: from mail.alpine.example (mail.alpine.example [93.184.216.34])\r\n\tby mx.reply.example.com with ESMTP;"
        b" Mon, 01 Jun 2026 12:00:00 +0000\r\n"
        b"Received: from [192.168.1.5] (unknown [2606:2800:220:1::1]) by mail.alpine.example; Mon, 01 Jun 2026 12:00:00 +0000\r\n"
        b"X-Originating-IP: [8.8.4.4]\r\nFrom: a@b.example\r\n\r\nhi\r\n"
    )
    assert set(hosts_of(mail, "127.0.0.1", "client.alpine.example", "reply.example.com")) == {
        "client.alpine.example",
        "93.184.216.34",
        "mail.alpine.example",
        "2606:2800:220:1::1",
        "8.8.4.4",
    }


def test_their_number_is_bounded() -> None:
    fields = b"".join(b"Received: from h%d.example.org by x; date\r\n" % number for number in range(500))
    assert len(hosts_of(parse(fields + b"\r\nhi\r\n"), "", "", "reply.example.com")) == hosts_max
