"""The configuration as an operator meets it: what is read, what wins, and what is said about faults."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from relay.errors import WrongConfiguration
from relay.settings import Origin, Scanning, Settings, Tcp, UnixSocket, example, known_keys, read

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(autouse=True)
def _nothing_of_ours_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("RELAY_"):
            monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "relay.toml"


def faults_of(file: Path | None) -> tuple[str, ...]:
    with pytest.raises(WrongConfiguration) as caught:
        read(file)
    return caught.value.faults


def test_without_a_file_every_key_has_the_default_of_the_contract() -> None:
    settings = read(None).settings
    assert settings.relay.domain == "reply.example.com"
    assert settings.smtp.listen == (Tcp("127.0.0.1", 2525),)
    assert settings.smtp.message_max == 25 * 2**20
    assert settings.policy.attachments_max == 10 * 2**20
    assert settings.policy.window_after_activity == timedelta(days=7)
    assert settings.antivirus.clamd == UnixSocket(Path("/run/clamav/clamd.ctl"))
    assert settings.database.url == "sqlite:///var/relay.db"
    assert settings.web.listen == Tcp("127.0.0.1", 8025)
    assert settings.smtp_hostname == "reply.example.com"


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('[relay]\nbrand = "From the file"\ndomain = "file.example"\n[smtp]\nlisten = ["127.0.0.1:1025"]\n')
    monkeypatch.setenv("RELAY_RELAY__BRAND", "From the environment")
    monkeypatch.setenv("RELAY_ANTIVIRUS__MODE", "off")
    configuration = read(file)
    assert configuration.settings.relay.brand == "From the environment"
    assert configuration.settings.relay.domain == "file.example"
    assert configuration.settings.antivirus.mode is Scanning.OFF
    assert configuration.settings.relay.customer_prefix == "customer-"
    origins = {(one.section, one.key): one.origin for one in configuration.effective()}
    assert origins["relay", "brand"] is Origin.ENVIRONMENT
    assert origins["relay", "domain"] is Origin.FILE
    assert origins["relay", "customer_prefix"] is Origin.DEFAULT
    assert list(origins) == list(known_keys())


@pytest.mark.parametrize("written", ["127.0.0.1:25, [::1]:25", '["127.0.0.1:25", "[::1]:25"]', " 127.0.0.1:25,[::1]:25,"])
def test_the_environment_writes_lists_with_commas_or_as_json(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_SMTP__LISTEN", written)
    assert read(None).settings.smtp.listen == (Tcp("127.0.0.1", 25), Tcp("::1", 25))


def test_an_empty_list_in_the_environment_is_an_empty_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_SMTP__LISTEN", "")
    assert read(None).settings.smtp.listen == ()


FAULTS = [
    ('[relay]\ndomian = "x.example"\n', ":2: relay.domian: there is no such key; did you mean relay.domain?"),
    ("[smpt]\nlisten = []\n", ":1: smpt: there is no such section; did you mean smtp?"),
    ("smtp.lisen = []\n", ":1: smtp.lisen: there is no such key; did you mean smtp.listen?"),
    ('[smtp]\n\nmessage_max = "25"\n', ':3: smtp.message_max: "25" is no size'),
    ("[smtp]\nmessage_max = 26214400\n", ":2: smtp.message_max: 26214400 is no size"),
    ('[smtp]\nmessage_max = "0 MB"\n', ":2: smtp.message_max: must be greater than 0"),
    ('[policy]\nattachments_max = "10 Mib/s"\n', ":2: policy.attachments_max:"),
    ('[policy]\nwindow_after_activity = "7 days"\n', ':2: policy.window_after_activity: "7 days" is no duration'),
    ("[policy]\nwindow_after_activity = 7\n", ":2: policy.window_after_activity: 7 is no duration"),
    ('[policy]\nnames = "frist"\n', ":2: policy.names: must be 'first', 'full' or 'none'"),
    ('[smtp]\nlisten = ["localhost"]\n', ':2: smtp.listen: "localhost" has no port'),
    ('[smtp]\nlisten = ["127.0.0.1:99999"]\n', ':2: smtp.listen: "127.0.0.1:99999": a port'),
    ("[smtp]\nlisten = [2525]\n", ":2: smtp.listen: 2525 is no endpoint"),
    ('[smtp]\nlmtp_listen = ["unix:"]\n', ":2: smtp.lmtp_listen: a path is missing"),
    ('[smtp]\nconnections_max = "many"\n', ":2: smtp.connections_max: must be a whole number"),
    ('[smtp]\ntls_key = "key.pem"\n', ":1: smtp: tls_certificate and tls_key belong together"),
    ('[smtp]\nproxy_protocol_from = ["10.0.0.1/8"]\n', ':2: smtp.proxy_protocol_from: "10.0.0.1/8" is no network'),
    ('[relay]\ndomain = "reply_example"\n', ':2: relay.domain: "reply_example" is no domain'),
    ('[relay]\nbrand = ""\n', ":2: relay.brand: must not be empty"),
    ('[relay]\nbrand = "a\\nb"\n', ":2: relay.brand: has characters that cannot stand there"),
    ("[relay]\nbrand = 3\n", ":2: relay.brand: must be text"),
    ('[relay]\ncustomer_prefix = "local-partner-"\n', ":1: relay: partner_prefix and customer_prefix must differ"),
    ('[relay]\npartner_prefix = "p-"\ncustomer_prefix = "p-c-"\n', ":1: relay: partner_prefix and customer_prefix must differ"),
    ('[relay]\npartner_prefix = "c-p-"\ncustomer_prefix = "c-"\n', ":1: relay: partner_prefix and customer_prefix must differ"),
    ('[relay]\ncustomer_prefix = "bounce-"\n', ':1: relay: a prefix that begins with "bounce-" is taken'),
    ('[relay]\npartner_prefix = "bounce-p-"\n', ':1: relay: a prefix that begins with "bounce-" is taken'),
    ('[relay]\npartner_prefix = "postmaster-"\n', ':1: relay: a prefix that begins with "postmaster-" is taken'),
    ('[relay]\nsupport_url = "javascript:alert(1)"\n', ":2: relay.support_url:"),
    ('[relay]\noperators = ["nobody"]\n', ":2: relay.operators: that is no mail address"),
    ('[authentication]\ndns_servers = ["resolver.example:53"]\n', ":2: authentication.dns_servers:"),
    ('[outbound]\nself_test = "192.0.2.1:25"\n', ':2: outbound.self_test: "192.0.2.1:25" is not on the loopback interface'),
    ('[outbound]\nroute = "smarthost:127.0.0.1:2527"\n', ":1: outbound: route and self_test are the same place"),
    ('[outbound]\nroute = "smarthost"\n', ':2: outbound.route: "smarthost" is no route'),
    (
        '[database]\nurl = "postgresql://relay:secret@db/relay"\n',
        ':2: database.url: name the driver: write "postgresql+psycopg://"',
    ),
    ('[blobs]\nurl = "/srv/blobs"\n', ':2: blobs.url: "/srv/blobs" is no place for blobs'),
    ('[booking]\nreminders = ["2h", "1h"]\n', ":1: booking: reminders: each has to be later than the one before"),
    ('[booking]\nreminders = ["0s"]\n', ":1: booking: reminders: each has to be later"),
    ('[booking]\nrefund_days = "10-5"\n', ':2: booking.refund_days: "10-5" is no span of days'),
    (
        '[payments]\nprovider = "stripe"\n',
        ':1: payments: with provider = "stripe" stripe_key_file and stripe_webhook_secret_file are needed',
    ),
    (
        '[payments]\nprovider = "stripe"\nstripe_key_file = "a"\n',
        ':1: payments: with provider = "stripe" stripe_webhook_secret_file is needed',
    ),
    ('[payments]\nstripe_api_base = "http://stripe.example"\n', ":1: payments: stripe_api_base: the key would travel"),
    ("web = 3\n", ":1: web: must be a table of keys"),
    ("[relay\ndomain = 3", ":1: no TOML:"),
    ('[relay]\nbrand = "a"\nbrand = "b"\n', ":3: no TOML: Cannot overwrite a value"),
]


@pytest.mark.parametrize(("text", "fault"), FAULTS, ids=[fault for _, fault in FAULTS])
def test_a_fault_names_its_line_its_key_and_what_to_write(text: str, fault: str, file: Path) -> None:
    file.write_text(text)
    [said] = faults_of(file)
    assert said.startswith(f"{file}{fault}")


def test_all_faults_are_told_together_those_of_the_environment_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('[smtp]\nmessage_max = "many"\nlistn = []\n[polcy]\nnames = "first"\n')
    monkeypatch.setenv("RELAY_POLICY__NAMES", "frist")
    monkeypatch.setenv("RELAY_SMTP__MESAGE_MAX", "1 MB")
    monkeypatch.setenv("RELAY_SMPT__LISTEN", "127.0.0.1:25")
    faults = faults_of(file)
    assert len(faults) == 6
    assert "RELAY_POLICY__NAMES: policy.names: must be 'first', 'full' or 'none'" in faults
    assert any(fault.startswith("RELAY_SMTP__MESAGE_MAX: smtp.mesage_max: there is no such key") for fault in faults)
    assert "RELAY_SMPT__LISTEN: there is no such key; did you mean RELAY_SMTP__LISTEN?" in faults


@pytest.mark.parametrize(
    ("name", "meant"), [("RELAY_SMTP_LISTEN", "RELAY_SMTP__LISTEN"), ("RELAY_POLICY_NAMES", "RELAY_POLICY__NAMES")]
)
def test_a_variable_with_one_underscore_is_told_from_the_key_that_it_means(
    name: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "x")
    assert faults_of(None) == (f"{name}: there is no such key; did you mean {meant}?",)


@pytest.mark.parametrize(
    "name", ["RELAY_CONFIG", "RELAY_DEBUG", "RELAY_CORPUS", "RELAY_PORT", "RELAY_WEB_SERVICE_HOST", "RELAY_PORT_25_TCP"]
)
def test_variables_that_are_no_keys_are_left_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "tcp://10.0.0.1:25")
    assert read(None).settings.relay.domain == "reply.example.com"


def test_a_section_cannot_be_set_as_a_whole_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_SMTP", "{}")
    assert any("a section cannot be set as a whole" in fault for fault in faults_of(None))


def test_a_file_that_is_not_there_or_not_text_is_a_fault_of_one_line(file: Path, tmp_path: Path) -> None:
    assert faults_of(file) == (f"{file}: cannot be read: No such file or directory",)
    assert faults_of(tmp_path) == (f"{tmp_path}: cannot be read: Is a directory",)
    file.write_bytes(b"[relay]\nbrand = '\xff'\n")
    assert faults_of(file) == (f"{file}:2: not UTF-8",)
    file.write_bytes(b"#" * 1_000_001)
    assert "larger than" in faults_of(file)[0]


def test_no_fault_repeats_a_password_or_an_address(file: Path) -> None:
    file.write_text('[database]\nurl = "mysql://relay:hunter2@db/relay"\n[relay]\noperators = ["Ops <jane@@example.com>"]\n')
    assert "hunter2" not in " ".join(faults_of(file))
    assert "jane" not in " ".join(faults_of(file))


def test_what_counts_is_shown_without_passwords_and_addresses_unless_asked_for(file: Path) -> None:
    file.write_text(
        '[database]\nurl = "postgresql+psycopg://relay:hunter2@db/relay?password=hunter3"\n'
        '[relay]\noperators = ["jane@example.com"]\n'
    )
    configuration = read(file)
    shown = repr(configuration.effective()) + repr(configuration)
    assert "hunter" not in shown
    assert "jane" not in shown
    assert "postgresql+psycopg://relay:<redacted>@db/relay" in shown
    revealed = repr(configuration.effective(redacted=False))
    assert "hunter2" in revealed
    assert "jane@example.com" in revealed


@pytest.mark.parametrize("name", ["relay.example.toml", "relay.embedded.toml", "relay.production.toml"])
def test_each_example_file_can_be_read(name: str) -> None:
    assert read(CONFIG / name).settings.relay.domain == "reply.example.com"


def test_what_the_front_mta_takes_the_gateway_takes_with_the_trace_fields_that_are_added() -> None:
    """docs/postfix.md: what Postfix took over and the gateway refuses is returned to whoever is named as its sender."""
    page = (CONFIG.parent / "docs" / "postfix.md").read_text(encoding="utf-8")
    [limit] = re.findall(r"^message_size_limit = ([0-9]+)$", page, re.MULTILINE)
    assert 0 < Settings().smtp.message_max - int(limit) < 2 * 2**20


def test_the_examples_have_us_write_where_the_unit_lets_us() -> None:
    """ProtectSystem=strict: /etc is read, and state_dir written; a rotation of keys writes beside dkim.key_file."""
    settings = read(CONFIG / "relay.production.toml").settings
    assert settings.dkim.key_file.is_relative_to(settings.relay.state_dir)
    assert {str(one) for one in settings.smtp.listen} == {"0.0.0.0:2525", "[::]:2525"}


def test_of_the_defaults_only_the_postmaster_and_the_way_to_our_page_need_to_be_known() -> None:
    """GW-8, GW-6"""
    assert [one.split(":")[0] for one in read(None).settings.warnings()] == ["relay.operators", "web.base_url"]


@pytest.mark.parametrize(
    ("base_url", "warned"),
    [("http://localhost:8025", True), ("http://[::1]:8025", True), ("https://relay.example.com", False)],
)
def test_a_page_that_parties_cannot_reach_is_a_warning_where_they_are_asked_to_open_it(
    file: Path, base_url: str, warned: bool
) -> None:
    """GW-6"""
    for mode, expected in (("enforce", warned), ("off", False)):
        file.write_text(f'[authentication]\nmode = "{mode}"\n[web]\nbase_url = "{base_url}"\n')
        assert any(one.startswith("web.base_url: ") for one in read(file).settings.warnings()) is expected


def test_what_counts_only_when_authentication_is_enforced_is_a_warning_where_it_is_not(file: Path) -> None:
    file.write_text('[authentication]\nmode = "off"\ntrusted_authserv_id = "mx.example.com"\n')
    settings = read(file).settings
    assert any(warning.startswith("authentication.trusted_authserv_id: ") for warning in settings.warnings())


@pytest.mark.parametrize(
    ("route", "dane", "server", "expected"),
    [
        ("mx", "true", "8.8.8.8", True),
        ("mx", "true", "[2001:4860:4860::8888]:53", True),
        ("mx", "true", "127.0.0.1", False),
        ("mx", "true", "10.0.0.53", False),
        ("mx", "false", "8.8.8.8", False),
        ("smarthost:127.0.0.1:2526", "true", "8.8.8.8", False),
    ],
)
def test_dane_by_the_word_of_a_server_far_away_is_a_warning(
    file: Path, route: str, dane: str, server: str, expected: bool
) -> None:
    """RFC 4035 §4.9.3: its word is not taken."""
    file.write_text(f'[outbound]\nroute = "{route}"\ndane = {dane}\n[authentication]\ndns_servers = ["127.0.0.1", "{server}"]\n')
    assert any(one.startswith("outbound.dane: ") for one in read(file).settings.warnings()) is expected


def test_the_configuration_of_the_contract_is_the_default(file: Path) -> None:
    """design.md section 5: its values are the defaults."""
    file.write_text(example())
    settings = read(file).settings
    assert [warning.split(":")[0] for warning in settings.warnings()] == ["relay.operators", "web.base_url"]


def test_what_an_operator_should_know_is_a_warning_not_a_fault(file: Path) -> None:
    file.write_text('[authentication]\nmode = "off"\n[antivirus]\nmode = "off"\n[smtp]\nmessage_max = "10 MiB"\n')
    assert [warning.split(":")[0] for warning in read(file).settings.warnings()] == [
        "authentication.mode",
        "antivirus.mode",
        "relay.operators",
        "smtp.message_max",
    ]


def test_settings_are_frozen_and_made_bare_they_read_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_RELAY__DOMAIN", "elsewhere.example")
    settings = Settings()
    assert settings.relay.domain == "reply.example.com"
    with pytest.raises(ValidationError):
        settings.relay.domain = "other.example"  # type: ignore[misc]  # that it cannot be written is the point


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[web]\nlisten = "127.0.0.1:2525"\n', ":2: web.listen: 127.0.0.1:2525 is taken by smtp.listen"),
        ('[smtp]\nlisten = ["127.0.0.1:2527"]\n', "outbound.self_test: 127.0.0.1:2527 is taken by smtp.listen"),
        ('[smtp]\nlmtp_listen = ["127.0.0.1:2525"]\n', ":2: smtp.lmtp_listen: 127.0.0.1:2525 is taken by smtp.listen"),
        ('[outbound]\nroute = "smarthost:127.0.0.1:2525"\n', ":2: outbound.route: it leads back here, to smtp.listen"),
    ],
)
def test_two_keys_that_cannot_both_be_so_are_a_fault_with_its_line(file: Path, text: str, told: str) -> None:
    """Else two of ours want one port, or all mail goes round in a circle."""
    file.write_text(text)
    [fault] = faults_of(file)
    assert told in fault


def test_ports_that_the_system_chooses_are_not_the_same(file: Path) -> None:
    file.write_text('[smtp]\nlisten = ["127.0.0.1:0", "127.0.0.1:0"]\n[web]\nlisten = "127.0.0.1:0"\n')
    assert read(file).settings.web.listen.port == 0
