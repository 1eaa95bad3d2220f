"""Towns and countries whose name alone, below somebody's position, is no company's.

Invariant: whole names only; a company that is called after its town has more words.
"""

from __future__ import annotations

_TOWNS = frozenset(
    """aachen augsburg basel berlin bern biel bielefeld bochum bonn braunschweig bregenz bremen
    chemnitz chur cottbus darmstadt dortmund dresden duisburg düsseldorf erfurt erlangen essen
    flensburg frankfurt freiburg fribourg fulda genf göttingen graz halle hamburg hannover
    heidelberg heilbronn innsbruck jena karlsruhe kassel kiel klagenfurt koblenz köln konstanz
    leipzig linz lübeck lugano luzern magdeburg mainz mannheim münchen münster nürnberg
    oldenburg osnabrück paderborn passau potsdam regensburg rostock saarbrücken salzburg
    schaffhausen schwerin siegen solothurn stuttgart thun trier tübingen ulm weimar wien
    wiesbaden winterthur wolfsburg wuppertal würzburg zug zürich zwickau amiens angers annecy
    avignon bayonne besançon bordeaux brest bruxelles caen cannes clermont-ferrand colmar
    dijon genève grenoble lausanne liège lille limoges lorient lyon marseille metz montpellier
    mulhouse namur nancy nantes neuchâtel nice nîmes orléans paris perpignan poitiers quimper
    reims rennes roubaix rouen saint-étienne strasbourg toulon toulouse tours troyes valence
    alicante almería badajoz barcelona bilbao bogotá burgos cádiz córdoba gijón girona granada
    huelva jaén león lima lleida logroño lugo madrid málaga murcia oviedo palencia pamplona
    salamanca santander santiago sevilla soria tarragona toledo valencia valladolid vigo
    vitoria zamora zaragoza aberdeen bath belfast birmingham bradford brighton bristol
    cambridge cardiff carlisle chester cork coventry derby derry dublin dundee durham
    edinburgh exeter galway glasgow gloucester hull inverness ipswich leeds leicester
    lichfield limerick lincoln liverpool london luton manchester newcastle norwich nottingham
    oxford perth peterborough plymouth portsmouth preston reading sheffield southampton
    stirling stoke sunderland swansea wakefield warrington winchester wolverhampton worcester
    york amsterdam antwerpen atlanta austin boston brussels chicago copenhagen dallas denver
    ghent houston lisboa lisbon melbourne miami milano montréal oslo philadelphia phoenix
    porto prague roma rotterdam seattle singapore stockholm sydney toronto utrecht vancouver
    warsaw zurich deutschland germany österreich austria schweiz suisse switzerland france
    frankreich españa spain england scotland wales ireland belgique belgium""".split()
)


def is_town(words: str) -> bool:
    """Whether words are the name of a town and nothing else, or of a town and a country."""
    return all(word.strip().lower() in _TOWNS for word in words.split(","))
