"""A menu: callers press a key, or say what they want.

    voiceplat run -- flask --app ivr run

Give a number's application the answer URL http://127.0.0.1:5000/answer, and call it.
"""

from flask import Flask, Response, request, url_for
from plivo import plivoxml

app = Flask(__name__)

OPENING_HOURS = "We are open from nine to five, from Monday to Friday."
ADDRESS = "You find us in the old town, next to the river."


@app.post("/answer")
def answer():
    """Ask, and listen while we ask: who knows the menu need not hear it out."""
    menu = plivoxml.GetInputElement(
        action=url_for("choice", _external=True),
        input_type="dtmf speech",
        num_digits=1,
        hints="opening hours,address",
    )
    menu.add(
        plivoxml.SpeakElement(
            "Welcome. For our opening hours, press one. For our address, press two."
        )
    )
    response = plivoxml.ResponseElement()
    response.add(menu)
    # whoever neither presses nor speaks gets here
    response.add(plivoxml.SpeakElement("I did not hear anything. Goodbye."))
    return Response(response.to_string(), mimetype="application/xml")


@app.post("/choice")
def choice():
    """The caller has pressed a key (Digits) or said something (Speech)."""
    pressed = request.form["Digits"]
    said = request.form["Speech"].lower()
    response = plivoxml.ResponseElement()
    if pressed == "1" or "hours" in said:
        response.add(plivoxml.SpeakElement(OPENING_HOURS))
    elif pressed == "2" or "address" in said:
        response.add(plivoxml.SpeakElement(ADDRESS))
    else:
        response.add(plivoxml.SpeakElement("Sorry, that is not in the menu."))
        response.add(plivoxml.RedirectElement(url_for("answer", _external=True)))
    return Response(response.to_string(), mimetype="application/xml")
