"""A room in which all callers hear each other.

    voiceplat run -- flask --app conference run

Give a number's application the answer URL http://127.0.0.1:5000/answer, call it from two
phones, and look at http://127.0.0.1:5000/members.
"""

import plivo
from flask import Flask, Response, request, url_for
from plivo import plivoxml

app = Flask(__name__)
client = plivo.RestClient()  # reads PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN

ROOM = "team"


@app.post("/answer")
def answer():
    """Everybody who calls comes into the same room."""
    response = plivoxml.ResponseElement()
    response.add(plivoxml.SpeakElement("Welcome to the team's room."))
    response.add(
        plivoxml.ConferenceElement(
            ROOM,
            enter_sound="beep:1",
            callback_url=url_for("told", _external=True),
        )
    )
    return Response(response.to_string(), mimetype="application/xml")


@app.post("/told")
def told():
    """Somebody has come or gone."""
    print(request.form["ConferenceAction"], request.form["CallUUID"], flush=True)
    return ""


@app.get("/members")
def members():
    """Who is in the room."""
    try:
        room = client.conferences.get(ROOM)
    except plivo.exceptions.ResourceNotFoundError:  # it exists while somebody is in it
        return {}
    return {str(member.member_id): member["from"] for member in room.members}


@app.post("/members/<member_id>/mute")
def mute(member_id):
    """The others do not hear that member any more."""
    client.conferences.member_mute(ROOM, member_id)
    return {}
