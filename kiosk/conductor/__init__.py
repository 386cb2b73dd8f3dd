"""Conducts a visit: joins the pure visit with devices, drafts, outbox and centre, on the engine thread."""
