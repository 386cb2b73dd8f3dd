"""Sealing, receipts and hashes. Pure; used by both ends."""
