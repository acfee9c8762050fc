"""A call as a platform makes it to the bot."""
import http.client
import urllib.parse


def call(address, body, headers):
    """Returns the status and what was answered."""
    place = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    connection.putrequest("POST", place.path)
    for name, value in headers + [("Content-Length", str(len(body.encode())))]:
        connection.putheader(name, value)
    connection.endheaders(body.encode())
    response = connection.getresponse()
    return response.status, response.read()
