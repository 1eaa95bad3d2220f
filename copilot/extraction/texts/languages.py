"""Which language people wrote in, by the small words that only one of four has.

Invariant: too few of them, or no clear lead, is no language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from copilot.extraction.reading import Language

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ENOUGH = 400  # words that are looked at
_OF: dict[str, tuple[Language, ...]] = {}
_LISTS: tuple[tuple[Language, str], ...] = (
    (
        "en",
        "the and of to is was are were be been it its this that with for from have has had not "
        "but you your we our they them he she his her my me i can could would should will if "
        "when what which there here please thanks thank since again any all because about after "
        "before don't can't doesn't isn't i'm it's we're we've i've hi hello out up how do does "
        "did get got who still only then just an or as at by so cant find",
    ),
    (
        "de",
        "der die das den dem des ein eine einen einem einer eines und oder aber nicht ist sind "
        "war waren wird werden wurde haben hat hatte habe wir ich sie er es uns unser unsere "
        "ihr ihre ihnen mein meine mit von vom zu zum zur auf aus bei für über nach seit bitte "
        "danke kein keine wenn dass daß weil wie was wo auch noch nur schon mehr sich kann "
        "können möchte muss müssen soll heute gestern im am beim mir mich hallo guten herr frau "
        "nix ab bis durch",
    ),
    (
        "fr",
        "le la les un une des du de et ou mais est sont était été être avoir ai as a ont avons "
        "avez nous vous ils elle elles je j'ai il on ne pas plus que qui quoi dont où ce cet "
        "cette ces mon ma mes notre nos votre vos leur leurs pour par avec sans sur dans chez "
        "depuis merci bonjour bonsoir si quand comme aussi très bien c'est n'est d'un d'une "
        "qu'il s'il au aux y madame monsieur cordialement toujours même fait faire peut peux",
    ),
    (
        "es",
        "el la los las un una unos unas del de y o pero es son era fue ser estar está están "
        "estamos ha han hemos he yo tú usted ustedes nosotros ellos ella se me te le les lo nos "
        "no que qué quien cuando donde como cómo para por con sin sobre desde hasta en al mi "
        "mis su sus nuestro nuestra nuestros este esta estos esto ese esa eso gracias hola "
        "buenos buenas días tardes si sí también muy más ya todavía porque favor saludos hay "
        "tiene tenemos puede corre",
    ),
)
for _language, _words in _LISTS:
    for _one in _words.split():
        _OF[_one] = (*_OF.get(_one, ()), _language)


def language_of(stretches: Iterable[str]) -> Language:
    """The language of most of the words; what comes first counts, up to 400 words."""
    counts: dict[Language, float] = {"en": 0.0, "de": 0.0, "fr": 0.0, "es": 0.0}
    seen = 0
    for stretch in stretches:
        for word in _WORD.findall(stretch[:4000].lower()):
            languages = _OF.get(word)
            seen += 1
            if languages:
                for language in languages:
                    counts[language] += 1 / len(languages)
        if seen >= _ENOUGH:
            break
    ranked = sorted(counts, key=lambda one: counts[one], reverse=True)
    best, second = counts[ranked[0]], counts[ranked[1]]
    if best < 1 or best < 1.3 * second or best < 0.06 * seen:
        return ""
    return ranked[0]
