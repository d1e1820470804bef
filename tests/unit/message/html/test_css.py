"""Styles: what changes the look crosses (LEAK-45, LEAK-48)."""

from __future__ import annotations

import time

import pytest

from relay.message.html.css import Names, Styles


def styles() -> Styles:
    return Styles(Names(), lambda value: "writer" in value.lower(), {"old": "new"}.get)


@pytest.mark.parametrize(
    ("declarations", "kept"),
    [
        ("color: red; MARGIN:0 auto ;", "color:red;margin:0 auto"),
        ("font-family:'Segoe UI',\"A B\", serif", "font-family:'Segoe UI',\"A B\", serif"),
        ("width:calc(100% - 2px);color:rgba(0,0,0,.5) !important", "width:calc(100% - 2px);color:rgba(0,0,0,.5) !important"),
        (
            "border-left-color:#fff;mso-table-lspace:0pt;-webkit-text-size-adjust:100%",
            "border-left-color:#fff;mso-table-lspace:0pt;-webkit-text-size-adjust:100%",
        ),
        ("color:red/* ann@x.example */;/*x*/height:1px", "color:red;height:1px"),
        (
            "background-image:url(cid:old);background:url('cid:old') no-repeat",
            "background-image:url(cid:new);background:url(cid:new) no-repeat",
        ),
        ("background:url(cid:old) url(http://x)", ""),
        ("background:url(cid:unknown);background-image:URL( http://x )", ""),
        ("content:'ann';position:fixed;behavior:url(x);-moz-binding:url(x);--x:1;mso-foo:bar;cursor:url(x)", ""),
        ("color:expression(alert(1));width:ex\\70ression(1);color:var(--x);color:a{b}", ""),
        ("font-family:Writer Sans;color:red", "color:red"),
        ("font-family:Writer;color:red", "color:red"),
        ("font-family:'open;color:red", "color:red"),
        ("color", ""),
        ("color:;:red;;", ""),
        (";" * 10, ""),
        ("color:" + "a" * 600, ""),
    ],
)
def test_declarations_cross_when_they_only_change_the_look(declarations: str, kept: str) -> None:
    assert styles().declarations(declarations) == kept


@pytest.mark.parametrize(
    ("sheet", "kept"),
    [
        ("p{color:red}", "p{color:red}"),
        ("P.Mso , a:hover>b ~ i + u *{color:red}", "p.c1,a:hover>b~i+u *{color:red}"),
        (".a.b #c:nth-child(2n + 1)::before{color:red}", ".c1.c2 #i1:nth-child(2n + 1)::before{color:red}"),
        (".a{color:red}.b{color:blue}.a{width:1px}", ".c1{color:red}\n.c2{color:blue}\n.c1{width:1px}"),
        ("[data-x=ann@x.example] p,b{color:red}", "b{color:red}"),
        (".wri\\74 er,.ok{color:red}", ".c1{color:red}"),
        ("@import url(x);@charset 'x';p{color:red}", "p{color:red}"),
        ("@font-face{font-family:x}@page{margin:0}@keyframes a{from{color:red}}p{color:red}", "p{color:red}"),
        (
            "@media only screen and (max-width:600px){.a{width:100%}p{}}",
            "@media only screen and (max-width:600px){.c1{width:100%}}",
        ),
        ("@media writer{.a{width:1px}}", ""),
        ("<!-- p{color:red} -->/* .x{} */", "p{color:red}"),
        (".dropped{behavior:url(x)}.kept{color:red}", ".c1{color:red}"),
        ("p{color:red", ""),
        ("}}p{color:red}", "p{color:red}"),
        ("</style><script>{color:red}", ""),
    ],
)
def test_sheets_keep_their_rules_and_lose_their_names(sheet: str, kept: str) -> None:
    assert styles().sheet(sheet) == kept


def test_a_sheet_that_was_scrubbed_is_its_own_scrubbing() -> None:
    once = styles().sheet(".z .y{color:red}#q,.x{margin:0}@media print{.x{width:1px}}")
    assert styles().sheet(once) == once


def test_the_look_of_words_is_colour_and_type() -> None:
    assert styles().of_words("color:#fff;width:1px;font-size:42px;text-align:left") == "color:#fff;font-size:42px;text-align:left"


@pytest.mark.parametrize("unit", ["{", "}", "/*", "'", "(", "a:", ".a", "@media x{", ";", "a{b:c}"])
def test_hostile_sheets_are_read_in_linear_time(unit: str) -> None:
    before = time.process_time()
    styles().sheet(unit * (400_000 // len(unit)))
    styles().declarations(unit * (100_000 // len(unit)))
    assert time.process_time() - before < 5
