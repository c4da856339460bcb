"""Take messages, list them, and let them be heard.

    voiceplat run -- flask --app voicemail run

Give a number's application the answer URL http://127.0.0.1:5000/answer, call it, and
look at http://127.0.0.1:5000/messages.
"""

import plivo
import requests
from flask import Flask, Response, request, url_for
from plivo import plivoxml

app = Flask(__name__)
client = plivo.RestClient()  # reads PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN


@app.post("/answer")
def answer():
    """Greet, and record after the beep until a hash, silence or a minute."""
    response = plivoxml.ResponseElement()
    response.add(
        plivoxml.SpeakElement(
            "Please leave a message after the tone, and press the hash key."
        )
    )
    response.add(
        plivoxml.RecordElement(
            action=url_for("recorded", _external=True),
            max_length=60,
            finish_on_key="#",
            play_beep=True,
            file_format="wav",
        )
    )
    return Response(response.to_string(), mimetype="application/xml")


@app.post("/recorded")
def recorded():
    """The message was taken."""
    print("a message:", request.form["RecordUrl"], flush=True)
    response = plivoxml.ResponseElement()
    response.add(plivoxml.SpeakElement("Thank you for your message. Goodbye."))
    return Response(response.to_string(), mimetype="application/xml")


@app.get("/messages")
def messages():
    """What has been recorded, the newest first."""
    return {
        recording.recording_id: recording.recording_duration_ms
        for recording in client.recordings.list()
    }


@app.get("/messages/<recording_id>")
def message(recording_id):
    """The sound of one message, fetched from where its recording says."""
    recording = client.recordings.get(recording_id)
    sound = requests.get(
        recording.recording_url,
        auth=client.session.auth,  # needed only where recordings are not public
        timeout=10,
    )
    return Response(sound.content, mimetype=sound.headers["Content-Type"])
