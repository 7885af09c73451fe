"""The third loop: what tags are owed goes to their partners, and every attempt is told.

spool of a tag ──▶ screen (window, consent, secrets) ──▶ batch ──▶ partner ──▶ judge
                                                                     │
        cursor, retries, dead letters (state)  ◀── one commit ───────┴──▶ ledger ──▶ `deliveries`

Each tag has a lane of its own: a partner that is slow or down holds up itself alone. At least
once, always with the same event id.
"""
