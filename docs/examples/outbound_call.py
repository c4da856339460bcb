"""Call a phone and say something.

    voiceplat run -- flask --app outbound_call run
    curl http://127.0.0.1:5000/call -d from=15550100 -d to=sip:USERNAME@phone.plivo.com
"""

import plivo
from flask import Flask, Response, request, url_for
from plivo import plivoxml

app = Flask(__name__)
client = plivo.RestClient()  # reads PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN


@app.post("/call")
def call():
    """Ask Plivo's API for a call; it is placed as soon as this has returned."""
    placed = client.calls.create(
        from_=request.form["from"],
        to_=request.form["to"],
        answer_url=url_for("answer", _external=True),
        hangup_url=url_for("hangup", _external=True),
    )
    return {"call_uuid": placed.request_uuid}


@app.post("/answer")
def answer():
    """The phone was picked up: what shall the call do? The answer is XML."""
    response = plivoxml.ResponseElement()
    response.add(plivoxml.SpeakElement("Hello. A few lines of Python are calling you."))
    return Response(response.to_string(), mimetype="application/xml")


@app.post("/hangup")
def hangup():
    """The call is over; this is only told, so what we answer does not matter."""
    print(request.form["CallUUID"], request.form["HangupCauseName"], flush=True)
    return ""
