"""Pages for people: what is offered, for anybody; those of customers, partners, support and operators, for who has signed in.

Rendered here, and usable without JavaScript; `docs/pages.md` has them all.

`viewer` says who looks, `layout` what every page has, `forms` reads what was sent, `route` turns what goes wrong into a page.
Each kind of people has a package of its own beside them, and a folder of templates of the same name.
"""
