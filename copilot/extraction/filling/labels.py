"""The labels under which forms and notes state the fields of known roles.

Invariant: labels are folded, and match a form's label as a whole or by its first words.
"""

from __future__ import annotations

import re

from copilot.extraction.filling.context import Context, FormLine
from copilot.extraction.filling.questions import asked, asks_for
from copilot.schemas import FieldRole, FieldSpec

_LABELS: dict[FieldRole, str] = {
    FieldRole.TITLE: "subject|deal|opportunity|geschaft|affaire|negocio|oportunidad"
    "|wish|request|idea|wunsch|souhait|idee|deseo|peticion|title"
    "|short description|description in one line|summary|topic|issue|what is it about|what can we do"
    " for you|betreff|titel|kurzbeschreibung|thema|objet|sujet|titre|resume|asunto|titulo|tema"
    "|resumen|motivo",
    FieldRole.PRODUCT: "product|products|service|application|app|system|affected service|plan"
    "|interested in|which product|which service|produkt|dienst|anwendung|programm|interesse an"
    "|produit|service concerne|application concernee|interesse par|formule|producto|servicio"
    "|aplicacion|sistema|interesado en|interes",
    FieldRole.COMPONENT: "component|area|module|part|feature|komponente|bereich|modul|composant"
    "|module concerne|zone|domaine|componente|modulo",
    FieldRole.VERSION: "version|app version|version number|release|versionsnummer|app-version"
    "|numero de version|version de l'appli|version de la app",
    FieldRole.ERROR_CODE: "error|error code|error message|error number|last error|code|fault code"
    "|alarm|alarm code|fehlernummer|fehler nr|numero d'erreur|n° d'erreur|numero de error"
    "|code shown|code vu|codigo visto|codigo mostrado"
    "|codigo del error|fehler|fehlercode|fehlermeldung"
    "|code erreur|code d'erreur|erreur|codigo de error|error mostrado|codigo",
    FieldRole.REFERENCE: "key|issue key|ticket id|case id|case number|ticket number"
    "|order|order no|order number|invoice|invoice no|ticket|ticket no|case"
    "|reference|ref|tenant|tenant id|customer number|account|incident|incident no|asset|asset tag"
    "|tenant / order / inv|kundennummer|kunden-nr|mandant|auftrag|auftragsnummer|bestellnummer"
    "|rechnungsnummer|vorgang|vorgangsnummer|ticketnummer|formular-nr|numero de client|client"
    "|n° client|n° de commande|commande|facture|n° de facture|dossier|reference client|compte"
    "|pedido|n° de pedido|factura|caso|cuenta|n.o de cliente|numero de cliente|referencia"
    "|identificador",
    FieldRole.URL: "url|link|page|where do you see it|address of the page|seite|adresse der seite"
    "|lien|page concernee|adresse de la page|enlace|pagina",
    FieldRole.CATEGORY: "category|type|kind|type of request|request type|kategorie|art|art der"
    " anfrage|anfrageart|categorie|type de demande|nature|categoria|tipo|tipo de solicitud",
    FieldRole.SEVERITY: "einschrankung|beeintrachtigung|business impact|impact on work"
    "|impact on your work|how does it affect you|can you work|how important|wie wichtig"
    "|gene occasionnee|afectacion"
    "|severity|priority|urgency|how bad is it|how urgent|how urgent is it|prio"
    "|impact level|dringlichkeit|prioritat|schweregrad|wie dringend|gravite|urgence|priorite"
    "|niveau d'urgence|gravedad|urgencia|prioridad|nivel de urgencia|how important is it|importance"
    "|wie wichtig ist es|wichtigkeit|importancia",
    FieldRole.STATUS: "status|state|current status|stand|etat|statut|estado",
    FieldRole.STAGE: "stage|status|phase|deal stage|stand|etape|stade|etapa|fase|estado",
    FieldRole.LANGUAGE: "language|preferred language|sprache|bevorzugte sprache|langue"
    "|langue preferee|idioma|idioma preferido|lengua",
    FieldRole.OCCURRED_AT: "since when|since|when|when did it happen|happened on|occurred"
    "|first noticed|date of the problem|started|when did it start|wann aufgetreten|seit wann|seit"
    "|aufgetreten am|zeitpunkt|aufgetreten|depuis quand|depuis|date de l'incident|survenu le"
    "|date et heure|constate le|desde cuando|desde|fecha del problema|ocurrio el|cuando|fecha y"
    " hora",
    FieldRole.STARTED_AT: "started|start|began|start time|started at|begin|since|beginn|begonnen"
    "|start der storung|seit|debut|depuis|commence a|inicio|comienzo|desde|inicio de la incidencia",
    FieldRole.DETECTED_AT: "detected|detected at|noticed|first alert|alerted|erkannt|entdeckt"
    "|bemerkt|gemeldet|detecte|detection|signale|detectado|deteccion|avisado",
    FieldRole.RESOLVED_AT: "resolved|resolved at|ended|end|over|closed at|behoben|ende|beendet"
    "|geschlossen|resolu|fin|termine|resolution|resuelto|fin de la incidencia|cierre|solucionado",
    FieldRole.DUE_DATE: "losung bis|loesung bis|wunschtermin|solution by|fix by|resolve by|fixed by"
    "|a resoudre avant|resolution souhaitee|solucion antes de|fecha deseada"
    "|resolver antes de|due|due date|deadline|needed by|by when|solve by|until when|required by"
    "|wanted by|bis wann|bis|frist|faellig|fallig|fallig am|gewunschter termin|erledigen bis"
    "|benotigt"
    " bis"
    "|echeance|date limite|pour quand|avant le|souhaite pour|delai|fecha limite|para cuando|plazo"
    "|vencimiento|necesario para",
    FieldRole.CLOSE_DATE: "close date|expected close|closing|closing date|decision|decision by"
    "|signature|signing|abschluss|abschlussdatum|entscheidung|unterschrift|signature prevue"
    "|date de signature|date de cloture|cloture|decision le|firma|firma prevista|fecha de cierre"
    "|cierre|cierre previsto|decision el",
    FieldRole.NEXT_STEP: "next|next step|next steps|next action|to do|todo|nachster schritt"
    "|nachste schritte|als nachstes|weiter|prochaine etape|prochaine action|suite|a faire"
    "|prox. paso|proximo paso|siguiente paso|proxima accion",
    FieldRole.NEXT_STEP_DATE: "next step by|next step date|by when|bis wann|pour quand|para cuando",
    FieldRole.MEETING_DATE: "date|when|day|date/time|date and time|datum|datum/zeit|wann|tag|termin"
    "|quand|jour|date et heure|fecha|cuando|dia|fecha y hora",
    FieldRole.START_TIME: "time|start|starts|from|when|date/time|date and time|uhrzeit|beginn|zeit"
    "|datum/zeit|heure|debut|horaire|hora|inicio|horario|fecha y hora|date et heure",
    FieldRole.END_TIME: "end|ends|until|time|date/time|ende|uhrzeit|zeit|datum/zeit|fin|heure"
    "|horaire|hora|horario|fecha y hora|date et heure",
    FieldRole.TIME_ZONE: "time zone|timezone|zone|zeitzone|fuseau|fuseau horaire|zona horaria",
    FieldRole.LOCATION: "location|place|where|room|venue|ort|raum|wo|treffpunkt|lieu|salle|ou"
    "|lugar|sala|donde|sitio",
    FieldRole.AMOUNT: "amount|value|deal value|total|budget|price|volume|contract value|betrag"
    "|volumen|auftragswert|summe|wert|gesamt|preis|montant|valeur|prix|total ht|importe|valor|monto"
    "|precio|presupuesto",
    FieldRole.COUNT: "seats|users|number of users|licences|licenses|sites|how many|how many people"
    "|how many people will use it|quantity|number of seats|nutzer|anzahl|anzahl nutzer|benutzer"
    "|platze|lizenzen|arbeitsplatze|wie viele|utilisateurs|nombre d'utilisateurs|postes|licences"
    "|combien|nombre de postes|usuarios|numero de usuarios|licencias|puestos|cuantos|cantidad",
    FieldRole.PERCENT: "probability|chance|likelihood|wahrscheinlichkeit|chance %|probabilite"
    "|chances|probabilidad",
    FieldRole.COMPETITOR: "competitor|competition|currently using|current supplier|alternative"
    "|wettbewerber|wettbewerb|mitbewerber|bisher|concurrent|concurrence|competidor|competencia",
    FieldRole.IMPACT: "impact|affected|who is affected|what it meant|customer impact|user impact"
    "|effect|auswirkung|auswirkungen|betroffen"
    "|betroffene|wen trifft es|impact client|impact utilisateurs|qui est touche|touches|impacto"
    "|afectados|alcance|a quien afecta",
    FieldRole.CAUSE: "cause|root cause|what happened|why it happened|reason|ursache|grund"
    "|cause racine|origine|cause identifiee"
    "|causa|causa raiz|origen",
    FieldRole.REASON: "is your feature request related to a problem|problem|problem statement"
    "|motivation|use case|background|hintergrund|anwendungsfall|contexte|cas d'usage|caso de uso"
    "|contexto|reason|why|why do you need it|what for|what would you use it for"
    "|business case|benefit|begrundung|grund|warum|wozu|nutzen|pourquoi|raison|justification|motif"
    "|besoin"
    "|motivo|por que|para que|razon|justificacion|beneficio",
    FieldRole.WORKAROUND: "describe alternatives you've considered|alternatives considered"
    "|alternatives|alternativen|current workaround|workaround|today|how do you do it today"
    "|what do you do today|current solution|what do you do instead|notlosung|umgehung|heute"
    "|wie machen sie es heute|bisherige losung|ubergangslosung|contournement|aujourd'hui"
    "|solution actuelle|comment faites-vous aujourd'hui|solucion actual|hoy"
    "|como lo hacen hoy|alternativa actual",
    FieldRole.PERSON_NAME: "name|your name|full name|contact|contact person|requester|requested by"
    "|reported by|submitted by|from|caller|ihr name|vor- und nachname|ansprechpartner"
    "|ansprechpartnerin|kontakt|melder|gemeldet von|von|anrufer|nom|votre nom|nom et prenom|contact"
    "|demandeur|signale par|nom complet|nombre|su nombre|nombre y apellidos|nombre completo"
    "|contacto"
    "|solicitante|persona de contacto|reportado por",
    FieldRole.PERSON_EMAIL: "e-mail|email|mail|your e-mail|your email|e-mail address|email address"
    "|e-mail-adresse|ihre e-mail|mailadresse|courriel|adresse e-mail|adresse mail|votre e-mail"
    "|adresse courriel|correo|correo electronico|su correo",
    FieldRole.PERSON_PHONE: "phone|telephone|tel|tel.|phone number|your phone|call back|callback"
    "|phone (optional)|direct|telefon|telefonnummer|ruckruf|ruckrufnummer|durchwahl|telefono"
    "|tel. fijo|numero de telefono|telephone fixe|tel fixe|n° de telephone|fixe|rappel",
    FieldRole.PERSON_MOBILE: "mobile|mobile phone|cell|cell phone|handy|mobil|mobilnummer"
    "|mobiltelefon|portable|port.|mobile (optional)|movil|celular|telefono movil",
    FieldRole.COMPANY: "company|your company|organisation|organization|customer|client|account"
    "|business|company name|firma|unternehmen|ihre firma|kunde|organisation|societe|entreprise"
    "|votre societe|raison sociale|client|etablissement|empresa|su empresa|compania|razon social"
    "|cliente|organizacion|negocio",
    FieldRole.JOB_TITLE: "role|your role|job title|position|title|function|ihre rolle|rolle"
    "|funktion|fonction|poste|votre fonction|cargo|puesto|funcion|rol",
    FieldRole.ADDRESS: "address|postal address|street|adresse|anschrift|postanschrift|strasse"
    "|adresse postale|direccion|domicilio|direccion postal",
    FieldRole.DECISIONS: "decision|what we decided|was beschlossen wurde|ergebnisse|ergebnis"
    "|ce qui a ete decide|lo decidido|outcome|outcomes|decisions|decided|agreed|beschluss"
    "|beschlusse|beschlossen"
    "|entscheidung|entscheidungen|decision|decisions prises|releve de decisions|decidido|decisiones"
    "|acuerdos|acuerdo|se decide|se acuerda|acordado",
    FieldRole.ACTION_ITEMS: "action|who does what|follow-ups|follow up|follow-up|wer macht was"
    "|offene punkte|to-dos|qui fait quoi|actions a mener|a suivre|quien hace que|compromisos"
    "|acciones acordadas|next|actions|action items|todo|to do|to-do|todos|tasks|next steps"
    "|aufgaben|aufgabe|zu erledigen|nachste schritte|massnahmen|a faire|taches|prochaines etapes"
    "|tareas|pendientes|acciones|proximos pasos|por hacer",
    FieldRole.PERSON_NAMES: "attendees|there|in attendance|who was there"
    "|anwesende|teilnehmer/innen|with|present|participants|attending|who|in the room|there were"
    "|anwesend|teilnehmer|teilnehmende|dabei|presents|presentes|participants|etaient presents"
    "|asistentes|participantes|asisten|asistieron|presentes",
}
_OF: dict[FieldRole, frozenset[str]] = {
    role: frozenset(told.split("|")) for role, told in _LABELS.items()
}
_NOISE = re.compile(r"\s*\([^)]*\)|[?.:*]+$|^[-*•\s]+|\s*\(.*$")


def label_words(label: str) -> str:
    """A form's label without marks and brackets."""
    return _NOISE.sub("", label).strip(" ?.:*_-")


def names(label: str, role: FieldRole) -> bool:
    """Whether a form's label names this role."""
    told = _OF.get(role, frozenset())
    return label in told or label_words(label) in told


def labelled(context: Context, spec: FieldSpec) -> list[FormLine]:
    """The lines of forms whose label names the field's role, in order."""
    told = [
        line
        for line in context.forms
        if names(line.label, spec.role) and not context.is_foreign(line.place.start)
    ]
    told += [
        FormLine(question, answer, place)
        for question, place, answer in asked(context.folded)
        if asks_for(question, spec.role) and not context.is_foreign(place.start)
    ]
    return told
