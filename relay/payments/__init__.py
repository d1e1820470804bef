"""Money from outside: checkouts, refunds, and what a payment provider says happened. A map:

    provider     what every provider does, and the values that it is asked with and answers with
    cause        why a refund fails
    happening    what a provider says happened, and what it means for the ledger and the booking
    manual       cash and transfers: people take the money, and people give it back
    stripe       cards and other methods, on pages of Stripe's
    stripe_events   what Stripe's messages say
    stripe_amounts  amounts as Stripe writes them

Card data never comes here: whoever pays does so on the provider's pages (SL-17).
"""
