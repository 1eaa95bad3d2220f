"""The words that announce why something is wished for, and what is done without it.

Invariant: patterns on folded text, of English, German, French and Spanish alike; the surest first.
"""

from __future__ import annotations

from copilot.extraction.filling.cue import Cue, cue

REASONS: tuple[Cue, ...] = (
    cue(
        r"\b(?:why (?:it|this|that) matters(?: to us)?|why we (?:need|want) (?:it|this|that)"
        r"|warum(?: uns)? das (?:uns )?wichtig ist|pourquoi (?:c'est|cela est) important"
        r"|por que (?:es importante|lo necesitamos))\s?:\s*",
        confidence=0.8,
    ),
    cue(
        r"\b(?:(?:we|i) (?:want|need|would like|ask for) (?:it|this|that|them) (?:because"
        r"|since|as)"
        r"|(?:the|our) reason(?: is| for it| being)?(?: that)?:?|the point is that|because|wir"
        r" brauchen"
        r" (?:das|es|dies), weil|der grund(?: ist)?(?:, dass)?:?|hintergrund(?: ist)?:?|weil"
        r"|denn"
        r"|la raison(?: est)?(?: que)?:?|parce qu'|parce que|puisque|porque|ya que"
        r"|el motivo(?: es)?(?: que)?:?|la razon(?: es)?(?: que)?:?)\b[ ,]*"
    ),
    cue(
        r"\b(?:reason|motivo|motif|razon|raison|grund|begrundung|hintergrund|why|warum|pourquoi"
        r"|background|use case|zweck|nutzen|benefit)\s?:\s*[\"']?(?=\S)",
        confidence=0.75,
    ),
    cue(
        r"(?=\b(?:(?:we|i) (?:would )?(?:need|want|require) (?:it|this|that|them) (?:for|to)"
        r"|(?:wir|ich) (?:brauch\w*|benotig\w*) (?:das|es|dies|sie) (?:fur|um|damit|weil|bei)"
        r"|(?:nous|on) en (?:avons|a) besoin pour|(?:lo|la) necesit(?:amos|o) para)\b)"
    ),
    cue(
        r"\b(?:(?:law|regulations?|auditors?|inspectors?|regulators?|insurers?|tax office"
        r"|authorit\w+"
        r"|ministry|customers?|clients?|gesetz|behorde\w*|finanzamt|prufer\w*|kunden|loi|auditeurs?"
        r"|inspection|clients|ley|auditor\w*|inspeccion|hacienda|clientes)\b[^.!?;]{0,30}"
        r"\b(?:wants?|requires?|demands?|asks? (?:for|us)|insists?|flagged|verlang\w+|forder\w+"
        r"|schreib\w+ vor|exige\w*|imposen?t?|reclame\w*|piden?|obliga\w*)"
        r"|nous (?:demande|impose)(?:nt)?|(?:verlangt|verlangen|fordert) von uns"
        r"|nos (?:exigen?|piden?)"
        r"|(?:requires?|asks?|obliges?|expects?) us to)\b",
        after=False,
    ),
    cue(r"(?:it'd be |it would be |that would be )?(?=to stop |to avoid |to prevent |to save )"),
    cue(
        r"(?=\b(?:so that|in order to|so as to|damit|um .{3,40} zu |afin que|afin de|pour que"
        r"|pour eviter|para que|para no tener que|para evitar|a fin de que)\b)"
    ),
    cue(
        r"(?=\b(?:(?:it|this|that) (?:costs|takes|wastes|eats) (?:us|me|our)"
        r"|(?:it|this|that)(?:'d| would| could|'ll| will) (?:really )?save (?:us|me|our)"
        r"|(?:das|es) wurde (?:mir|uns) (?:\w+ ){1,4}(?:sparen|ersparen)"
        r"|(?:cela|ca) nous ferait gagner|(?:eso|esto)? ?nos ahorraria"
        r"|das kostet (?:mich|uns)"
        r"|(?:cela|ca) nous (?:coute|prend|fait perdre)|(?:eso|esto) nos (?:cuesta|lleva"
        r"|quita))\b)"
    ),
)
WAYS_ROUND: tuple[Cue, ...] = (
    cue(
        r"\b(?:lo que (?:hacemos|hacen|hago|hace)(?: ahora| hoy)? es(?: que)?"
        r"|ce (?:qu'on|que nous|que je) (?:fait|faisons|fais)(?: aujourd'hui)?,? c'est(?: que| de)?"
        r"|was (?:wir|ich) (?:\w+ )?(?:machen|mache|tun),? ist(?:,? dass)?) "
    ),
    cue(
        r"\bwhat (?:we|they|i|people|our \w+|my \w+) do (?:now |today |at the moment "
        r"|instead )?is"
        r"(?: that| to)? "
    ),
    cue(
        r"(?=\b(?:we|i|my \w+|our \w+|they|wir|ich|nous|on"
        r"|je) [^.;!?,]{5,80}? (?:at the moment|for now"
        r"|right now|currently|at present|these days|zurzeit|derzeit|im moment|momentan|aktuell"
        r"|pour l'instant|en ce moment|actuellement|por ahora|de momento|actualmente)"
        r"(?:\W*$|[.,;]| (?:and|und|et|y|but|aber|mais|pero)\b))"
    ),
    cue(
        r"\b(?:for now|for the moment|for the time being"
        r"|right now|at the moment|at present|currently|so far|today|these days|until then"
        r"|until now|up to now|till now|as it is|as things (?:are|stand)"
        r"|in the meantime|meanwhile|as a workaround|our workaround is(?: that| to)?|what we"
        r" do(?: now"
        r"| today)? is(?: that)?|instead|zurzeit|derzeit|momentan|im moment|aktuell|bisher"
        r"|bis jetzt|bislang|bis heute|jetzt|zur zeit|bis dahin|solange|einstweilen|vorerst"
        r"|behelfsweise|heute|stattdessen|als notlosung"
        r"|pour l'instant|pour le moment|actuellement|aujourd'hui|en attendant|d'ici la"
        r"|jusqu'ici|jusqu'a present|a ce jour|a la place|por ahora|por el momento"
        r"|actualmente|de momento|hoy en dia|hoy"
        r"|hasta el momento|ahora mismo|ahora|mientras tanto|hasta ahora|entretanto"
        r"|en su lugar)\b[ ,:]*(?!(?:and|und|et|y|but|when|if|while|wenn"
        r"|falls|quand|si|cuando)\b)(?=(?:\w+ ){0,2}"
        r"(?:we|i|they|my|our|the|each|everybody|somebody|wir|ich|man|unsere?|meine?|die|der"
        r"|jeder|on|nous|je|notre|mes?|les?|nos|chacun|lo|la|los|las|nosotros|yo|mi|cada|un|una"
        r"|\w+amos|\w+emos|\w+imos|\w+o|\w+[aei]n|\w+t|\w+n)\b)"
    ),
    cue(
        r"(?=\b(?:by hand|manually|in excel|on paper|with a spreadsheet|von hand|handisch"
        r"|manuell"
        r"|in excel|auf papier|a la main|manuellement|sur papier|sous excel|a mano|manualmente"
        r"|en excel|en papel)\b)",
        after=False,
        confidence=0.6,
    ),
    cue(
        r"\b(?:so|and so|therefore|deshalb|daher|deswegen|darum|donc|alors|du coup|asi que|por eso"
        r"|entonces) (?=(?:i|we) (?:now |just |always |currently |then )?(?:have to "
        r"|need to )?(?:keep"
        r"|type|copy|print|make|write|use|maintain|export|send|call|ring|enter|add|count"
        r"|check|do)\b"
        r"|(?:fuhr|schreib|kopier|druck|tipp|zahl|pfleg|mach|ruf|notier)\w* (?:ich|wir)\b"
        r"|(?:je|nous|on) (?:not|copi|imprim|tap|ressais|recopi|compt|fais|fait|gard|tien)\w*"
        r"|(?:lo |la )?(?:apunt|copi|imprim|escrib|anot|cuent|llev|guard|hag|hac)\w*)",
        confidence=0.6,
    ),
)
