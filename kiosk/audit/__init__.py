"""Who did what, when: a record that only grows and shows every later change."""
