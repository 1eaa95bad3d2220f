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
What is the default port of the gateway? | What is the gateway's default port?
What is the port of the default gateway? | What is the default gateway's port?
How do I reset the password of my account? | How do I reset my account password?
How do I reset my password? | How can I reset the password?
Where is the server log? | Where is the log of the server?
Who approves the expenses of a manager? | Who approves a manager's expenses?
How do I restart the agent on host db-01? | On host db-01, how do I restart the agent?
How do I scale up the cluster? | How do I scale the cluster up?
What is the size limit of attachments? | What is the size limit for attachments?
How long are the logs of the gateway kept? | How long are gateway logs kept?
What do I do before the gateway upgrade? | What do I do before the upgrade of the gateway?
How many days of holiday do I have in Germany? | In Germany, how many days of holiday do I have?
How do I copy data from db-01 to db-02? | How can I copy the data from db-01 to db-02?
What is the monthly limit of the free plan? | What's the free plan's monthly limit?
How do I rotate the API key of a bot account? | How do I rotate a bot account's API key?
What is the retention period for backups? | What is the backup retention period?
Who owns the budget of the marketing team? | Who owns the marketing team's budget?
Which severity levels trigger an incident? | Which levels of severity trigger an incident?
How are expenses for travel reimbursed? | How are travel expenses reimbursed?
How do I raise the limit from 5 to 10? | how can i raise the limit from five to ten
"""
# The same words, bound differently.
TURNED = """
What is the default port of the gateway? | What is the port of the default gateway?
Which inactive users can delete accounts? | Which users can delete inactive accounts?
Where is the log server? | Where is the server log?
Where is the log server? | Where is the log of the server?
How do I copy a file to S3 from the disk? | How do I copy a file from S3 to the disk?
How do I copy the data from db-01 to db-02? | How do I copy the data from db-02 to db-01?
How do I raise the limit from 5 to 10? | How do I raise the limit from 10 to 5?
Before I deploy a job do I restart a host? | Before I restart a host do I deploy a job?
Do I restart the gateway before I deploy? | Do I deploy before I restart the gateway?
Do only admins delete users? | Do admins only delete users?
Who approves the expenses of the manager? | Who manages the expenses of the approver?
Does the team lead approve the contractor? | Does the contractor approve the team lead?
What is the maximum size of the archive? | What is the size of the maximum archive?
How long is the trial of a new customer? | How long is the new trial of a customer?
Who reviews the code of external contractors? | Who reviews the external code of contractors?
Is the primary key of the backup table set? | Is the backup key of the primary table set?
What does the customer owe the supplier? | What does the supplier owe the customer?
Can I downgrade from Team to Starter? | Can I downgrade from Starter to Team?
Is it after the audit or before the move? | Is it before the audit or after the move?
Which failed jobs restart the worker? | Which jobs restart the failed worker?
Is the old backup in the encrypted region? | Is the encrypted backup in the old region?
Is it sent by the supplier to the customer? | Is it sent to the supplier by the customer?
How do I restore a deleted user of a project? | How do I restore a user of a deleted project?
Does Alice report to Bob? | Does Bob report to Alice?
Who owns the budget of the marketing team? | Who owns the marketing budget of the team?
How do I restore the last backup of the host? | How do I restore the backup of the last host?
Is port 443 forwarded to port 8443? | Is port 8443 forwarded to port 443?
Is eu-west-1 copied to us-east-1? | Is us-east-1 copied to eu-west-1?
Can a guest share a private link? | Can a private guest share a link?
Who must tell the duty manager? | Whom must the duty manager tell?
Which alerts are sent by email to managers? | Which alerts are sent to email by managers?
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


@pytest.mark.parametrize(("one", "other"), [*_pairs(TURNED), *_pairs(DIFFERENT)])
def test_what_asks_for_something_else_differs_and_is_told_why(one: str, other: str) -> None:
    assert difference(one, other)
    assert difference(other, one)


def test_case_spaces_and_the_sign_at_the_end_make_no_difference() -> None:
    assert difference("What  is a Page", "what is a page?") == ""
    assert difference("", "?") == ""
