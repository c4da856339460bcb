"""Forward a number to another one, and say so when nobody is there.

    FORWARD_TO=15550177 voiceplat run -- flask --app forwarding run

Give a number's application the answer URL http://127.0.0.1:5000/answer, and call it.
"""

import os

from flask import Flask, Response, request, url_for
from plivo import plivoxml

app = Flask(__name__)


@app.post("/answer")
def answer():
    """Ring the other number, and connect both when it is picked up."""
    dial = plivoxml.DialElement(
        action=url_for("after", _external=True),
        caller_id=request.form["From"],  # the called party sees who is calling
        timeout=int(os.environ.get("RING_SECONDS", "20")),
    )
    dial.add(plivoxml.NumberElement(os.environ["FORWARD_TO"]))
    response = plivoxml.ResponseElement()
    response.add(dial)
    return Response(response.to_string(), mimetype="application/xml")


@app.post("/after")
def after():
    """The Dial is over: they have talked, or nobody was there."""
    response = plivoxml.ResponseElement()
    if request.form["DialStatus"] != "completed":
        response.add(plivoxml.SpeakElement("Nobody is there. Please call later."))
    response.add(plivoxml.HangupElement())
    return Response(response.to_string(), mimetype="application/xml")
