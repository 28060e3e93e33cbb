"""A Twilio and a Vapi on this machine: their real shapes, their bad days, and a ledger of what they really did."""
