"""The automatic self-test's finding in one sentence, for whoever opens the station. Pure."""

from __future__ import annotations

from kiosk.conductor.snapshot import CheckView
from kiosk.words import Language, Sentence, name_of_check, words


def morning_warning(found: tuple[CheckView, ...], language: Language) -> Sentence:
    """The first finding by the piece's name, what to do about it, and how many more there are; empty without any."""
    if not found:
        return Sentence("")
    first = found[0]
    trouble = words(first.code, language, first.detail)
    detail = {"piece": name_of_check(first.check_id, language), "trouble": trouble.say, "todo": trouble.do}
    sentence = words("morning.found", language, detail)
    if len(found) == 1:
        return sentence
    more = words("morning.more", language, {"more": len(found) - 1}).say
    return Sentence(sentence.say, f"{sentence.do}{'' if language == 'zh' else ' '}{more}".strip())
