"""Meaning without a model: what an utterance says, in the slots of the contract, with evidence."""
