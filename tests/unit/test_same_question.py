"""Which questions ask the same, and which only look like it."""

from __future__ import annotations

import pytest

from copilot.answering.caching.guards import difference

SAME = """
How do I reset my password? | What's the best way to reset my password?
How do I reset my password? | Could you tell me how to reset my password
How do I reset my password? | I want to reset my password
How do I enable MFA? | How can I turn on MFA?
How do I delete a user? | how to remove a user
What does SEV1 mean? | What is SEV-1?
Who is on call? | Who's oncall?
Who is the on-call engineer? | Do you know who the oncall engineer is?
How do I restart a pod in Kubernetes? | In Kubernetes, how do I restart a pod?
When I am paged, what do I do? | What should I do when I am paged?
What happens after 60 minutes? | what happens after 1 hour
What changed on 2024-01-02? | What changed on 2 January 2024?
What is the reason for a postmortem? | Why a postmortem?
What is the max size? | What is the maximum size?
Is a VPN required? | Do I need a VPN?
centre a widget | center a widget
How do I delete a backup? | How is a backup deleted?
How do I log in to the console? | How do I sign in to the console?
When is the release? | What date is the release?
Wie starte ich den Dienst neu? | wie starte ich den dienst neu
"""
DIFFERENT = """
How do I enable MFA? | How do I disable MFA?
How do I turn off MFA? | How do I turn on MFA?
What is SEV-1? | What is SEV-2?
What does error E1041 mean? | What does error E1042 mean?
How do I upgrade to 3.11? | How do I upgrade to 3.12?
How do I use C++? | How do I use C#?
How do I call foo_bar()? | How do I call foo_baz()?
What is the timeout of api-gw-1? | What is the timeout of api-gw-2?
What happens within 30 minutes? | What happens within 30 hours?
What happens after at least 5 failures? | What happens after at most 5 failures?
What changed on 2024-01-02? | What changed on 2024-02-01?
What changed in March? | What changed in April?
Can I deploy on Friday? | Can I deploy on Monday?
Can I deploy on Friday? | Can't I deploy on Friday?
Can I deploy on Friday? | Must I deploy on Friday?
Which plans include backups? | Which plans don't include backups?
How long is the timeout before paging? | How long is the timeout after paging?
What is the minimum length? | What is the maximum length?
How do I restart postgres? | How do I restart mysql?
Who approves a refund? | When is a refund approved?
How often are backups made? | How long are backups kept?
How long are backups kept? | How many backups are kept?
Why does the app crash? | How does the app crash?
What is a postmortem? | How do I write a postmortem?
Can guests invite members? | Can members invite guests?
How do I convert JSON to CSV? | How do I convert CSV to JSON?
Is staging deployed before production? | Is production deployed before staging?
How do I sign in? | How do I sign up?
What does x > y do? | What does x < y do?
What is plan A? | What is the plan?
What is plan A? | What is plan B?
How do I migrate from Jenkins? | How do I migrate to Jenkins?
Who reports to the scribe? | Who does the scribe report to?
What triggers an incident? | What does an incident trigger?
Who pages the engineer? | Who is paged by the engineer?
Who pages? | Who is paged?
What do customers tell the customer liaison? | What does the customer liaison tell customers?
How many services should people be on call for? | How many people should be on call for a service?
Who is the first responder? | Who is the second responder?
How do I reset my password? | How do I reset a user's password?
How do I reset my password? | How do I reset my token?
Can the IC page the deputy without the scribe? | Can the IC page the deputy with the scribe?
How do I delete all backups? | How do I delete a backup?
Kann ich mit VPN arbeiten? | Kann ich nicht mit VPN arbeiten?
Kann der Admin den Nutzer entfernen? | Kann der Nutzer den Admin entfernen?
Puis-je redémarrer avec le proxy ? | Puis-je redémarrer sans le proxy ?
バックアップの方法は | バックアップの時間は
"""


def _pairs(table: str) -> list[tuple[str, str]]:
    lines = [line.split(" | ") for line in table.strip().splitlines()]
    return [(one, other) for one, other in lines]


@pytest.mark.parametrize(("one", "other"), _pairs(SAME))
def test_the_same_in_other_words_is_the_same(one: str, other: str) -> None:
    assert difference(one, other) == ""
    assert difference(other, one) == ""


@pytest.mark.parametrize(("one", "other"), _pairs(DIFFERENT))
def test_what_asks_for_something_else_differs_and_is_told_why(one: str, other: str) -> None:
    assert difference(one, other)
    assert difference(other, one)


def test_case_spaces_and_the_sign_at_the_end_make_no_difference() -> None:
    assert difference("What  is a Page", "what is a page?") == ""
    assert difference("", "?") == ""
