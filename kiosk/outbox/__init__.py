"""The station's durable queue: drafts, pages and finished cases, encrypted, until the centre has them.

``store.Outbox`` keeps, ``delivery.Delivery`` sends, ``listing.list_cases`` shows the queue without the key.
"""
