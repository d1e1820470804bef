"""Pages for people who sign in: partners, customers, support, operators. Rendered here, and usable without JavaScript.

`viewer` says who looks, `layout` what every page has, `forms` reads what was sent, `route` turns what goes wrong into a page.
Each kind of people has a package of its own beside them, and a folder of templates of the same name.
"""
